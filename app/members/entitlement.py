"""What support entitles to, and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from app.members.models import MembershipState


class EntitlementReason(StrEnum):
    """Why somebody is entitled, or is not."""

    paid = "paid"
    """The present period is paid for."""
    debit_under_way = "debit_under_way"
    """A bank was asked for the present period and has not answered."""
    grace = "grace"
    """The last paid period is over, and the days of grace are not."""
    given_once = "given_once"
    """A gift made once entitles for some days, which are not over."""
    gift = "gift"
    """Somebody else paid for it: a gift membership that was claimed and is not over."""
    unpaid = "unpaid"
    """What was paid for is over, and so is the grace."""
    paused = "paused"
    """Nothing is charged, and what was paid for is over."""
    ended = "ended"
    """The membership and what was paid for are over."""
    given_back = "given_back"
    """All that was paid went back to the giver."""
    nothing = "nothing"
    """There is no membership, and no gift that entitles."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the newsroom's file says."""

    grace_days: int
    """After the last paid period, while the membership stands."""
    days_for_a_gift_made_once: int


@dataclass(frozen=True, kw_only=True)
class Period:
    """One period of a membership that was paid, or that a bank was asked for."""

    until: datetime
    kept: bool
    """Whether any of its money stayed; False once all was refunded or is disputed."""
    under_way: bool = False
    """A debit the bank has not answered: not paid, and not refused either; `kept` says nothing of it."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A membership, as it stands, and its periods."""

    state: MembershipState
    periods: Sequence[Period]


@dataclass(frozen=True, kw_only=True)
class GiftOnce:
    """A payment made once."""

    paid_at: datetime
    kept: bool


@dataclass(frozen=True, kw_only=True)
class GiftReceived:
    """The time that a gift membership gave whoever claimed it."""

    until: datetime
    kept: bool
    """Whether any of the giver's money stayed; False once all was refunded or is disputed."""


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """The answer: whether, until when, and why."""

    entitled: bool
    until: datetime | None
    """When it ends if nothing more is paid, or ended; None where there never was any."""
    paid_until: datetime | None
    """The end of what is paid for, without grace."""
    reason: EntitlementReason


NOTHING = Entitlement(entitled=False, until=None, paid_until=None, reason=EntitlementReason.nothing)
_UNPAID = {MembershipState.paused: EntitlementReason.paused, MembershipState.ended: EntitlementReason.ended}
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_WITH_GRACE = frozenset({MembershipState.active, MembershipState.past_due, MembershipState.lapsed})


def entitlement(
    memberships: Iterable[Held],
    gifts: Iterable[GiftOnce],
    *,
    received: Iterable[GiftReceived] = (),
    terms: Terms,
    now: datetime,
) -> Entitlement:
    """Return what a member is entitled to: by whichever of their memberships and gifts does most.

    A gift membership that was received entitles from its claim on, also while one before it runs: should
    that one's money go back, nobody is left without what another gave.

    A period counts unless all of its money went back. A membership that is charged has some days
    of grace after it, time for a renewal to be tried again; one that is paused or ended has none.
    """
    answers = [_by_membership(held, terms, now=now) for held in memberships]
    answers += [_by_gift(gift, terms, now=now) for gift in gifts]
    answers += [_by_received(gift, now=now) for gift in received]
    return max(answers, key=_rank, default=NOTHING)


def _rank(answer: Entitlement) -> tuple[bool, bool, datetime]:
    """Any date before none, and of two the later; a gift that never entitled says least."""
    speaks = answer.reason is not EntitlementReason.nothing
    return answer.entitled, speaks, answer.until or _BEFORE_ALL


def _by_membership(held: Held, terms: Terms, *, now: datetime) -> Entitlement:
    paid_until = max((period.until for period in held.periods if period.kept), default=None)
    if paid_until is None:
        return _of_nothing_kept(held, now=now)
    grace = timedelta(days=terms.grace_days) if held.state in _WITH_GRACE else timedelta(0)
    until = max(paid_until + grace, _end_under_way(held) or paid_until)
    return Entitlement(
        entitled=now < until,
        until=until,
        paid_until=paid_until,
        reason=_why(held, paid_until, until, now=now),
    )


def _of_nothing_kept(held: Held, *, now: datetime) -> Entitlement:
    """Answer for a membership of whose money nothing stayed: only a new debit may entitle."""
    until = _end_under_way(held)
    entitled = until is not None and now < until
    was_paid = any(not period.under_way for period in held.periods)
    otherwise = EntitlementReason.given_back if was_paid else EntitlementReason.unpaid
    reason = EntitlementReason.debit_under_way if entitled else otherwise
    return Entitlement(entitled=entitled, until=until, paid_until=None, reason=reason)


def _end_under_way(held: Held) -> datetime | None:
    """Return the end of the period a bank has been asked for; only of a membership that is active."""
    if held.state is not MembershipState.active:
        return None
    return max((period.until for period in held.periods if period.under_way), default=None)


def _why(held: Held, paid_until: datetime, until: datetime, *, now: datetime) -> EntitlementReason:
    if now < paid_until:
        return EntitlementReason.paid
    if now < until:
        asked = any(period.under_way and now < period.until for period in held.periods)
        active = held.state is MembershipState.active
        return EntitlementReason.debit_under_way if asked and active else EntitlementReason.grace
    return _UNPAID.get(held.state, EntitlementReason.unpaid)


def _by_received(gift: GiftReceived, *, now: datetime) -> Entitlement:
    if not gift.kept:
        return Entitlement(entitled=False, until=None, paid_until=None, reason=EntitlementReason.given_back)
    entitled = now < gift.until
    reason = EntitlementReason.gift if entitled else EntitlementReason.ended
    return Entitlement(entitled=entitled, until=gift.until, paid_until=gift.until, reason=reason)


def _by_gift(gift: GiftOnce, terms: Terms, *, now: datetime) -> Entitlement:
    if not terms.days_for_a_gift_made_once:
        return NOTHING
    if not gift.kept:
        return Entitlement(entitled=False, until=None, paid_until=None, reason=EntitlementReason.given_back)
    until = gift.paid_at + timedelta(days=terms.days_for_a_gift_made_once)
    entitled = now < until
    reason = EntitlementReason.given_once if entitled else EntitlementReason.ended
    return Entitlement(entitled=entitled, until=until, paid_until=until, reason=reason)
