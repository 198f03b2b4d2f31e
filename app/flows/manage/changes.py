"""Changes of a support: each is shown as a preview first, asked of Stripe once, and told as it turned out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.asks import queue
from app.asks.models import AskedBy, AskKind
from app.asks.queries import find_ask_by_nonce
from app.asks.rules import Wish
from app.billing.course import (
    LATEST_CHARGE,
    Charge,
    Course,
    first_on_day,
    list_charges,
    list_fallen_away,
    moved,
    pause_until,
    paused,
    resumed,
    with_amount,
)
from app.db import reading, transaction
from app.flows.asking.ask import Asked, AskOutcome, carry_out, outcome_of
from app.flows.manage.support import Condition, Supported, look_at_supported
from app.flows.parts import Parts
from app.giving.agreements import keep_agreement
from app.giving.fees import find_total
from app.kernel.clock import months_after
from app.kernel.errors import BadInput, SmallFavorError
from app.kernel.intervals import Interval
from app.kernel.money import Money

SHOWN = 2
"""Charges that a preview shows: the next one, and the one after."""


class ChangeRefused(BadInput):
    """A support cannot be changed so; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PageStale(SmallFavorError):
    """What the page showed no longer holds; nothing was asked."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be asked of Stripe, and how the support is charged then."""

    kind: AskKind
    course: Course
    fees: Money
    resumes_at: datetime | None = None
    charge_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a change comes to, charge by charge."""

    change: Change
    instead_of: Charge | None
    """The next charge as it stands."""
    charges: tuple[Charge, ...]
    """The next charges once it is changed."""
    falls_away: tuple[Charge, ...]
    pending: Money | None
    """What a payment that is asked for already will come to; None where none is, or it falls away."""
    pending_falls_away: bool


Asking = Callable[[Supported], Change]


def another_amount(parts: Parts, gift: Money, interval: Interval) -> Asking:
    """Give another amount, or by another interval; what covers the fees is counted anew."""

    def change(support: Supported) -> Change:
        _check_changeable(support)
        total = (find_total(parts.newsroom, gift) if support.fees.minor else None) or gift
        course = with_amount(support.course, total, interval)
        if course == support.course:
            raise ChangeRefused("same")
        if interval is not support.course.interval and support.overdue:
            raise ChangeRefused("overdue")
        return Change(kind=AskKind.change_amount, course=course, fees=total - gift)

    return change


def pause(months: int, *, now: datetime) -> Asking:
    """Pay nothing for so many months.

    Of monthly support so many charges fall away. A yearly charge is put off by so many months, for a year
    that fell away is more than anybody asked for.
    """

    def change(support: Supported) -> Change:
        _check_changeable(support)
        if support.course.interval is Interval.year:
            return _put_off(support, months_after(support.course.next_at, months), now=now)
        return _without(support, months)

    return change


def skip(support: Supported) -> Change:
    """Leave out the next charge, and no other."""
    _check_changeable(support)
    if support.course.paused:
        raise ChangeRefused("paused")
    return _without(support, 1)


def go_on(support: Supported) -> Change:
    """Charge again what falls due next."""
    _check_changeable(support)
    if not support.course.paused:
        raise ChangeRefused("same")
    return Change(kind=AskKind.resume, course=resumed(support.course), fees=support.fees)


def another_day(parts: Parts, day: int, *, now: datetime) -> Asking:
    """Charge on another day of the month, from the first such day after what is paid."""

    def change(support: Supported) -> Change:
        _check_changeable(support)
        return _put_off(support, first_on_day(support.course, day, zone=parts.newsroom.zone), now=now)

    return change


def _without(support: Supported, charges: int) -> Change:
    until = pause_until(support.course, charges)
    course = paused(support.course, until)
    return Change(kind=AskKind.pause, course=course, fees=support.fees, resumes_at=until)


def _put_off(support: Supported, charge_at: datetime, *, now: datetime) -> Change:
    if charge_at == support.course.next_at:
        raise ChangeRefused("same")
    if support.overdue:
        raise ChangeRefused("overdue")
    if charge_at - now > LATEST_CHARGE:
        raise ChangeRefused("too_far")
    course = moved(support.course, charge_at)
    return Change(kind=AskKind.move_charge, course=course, fees=support.fees, charge_at=charge_at)


def _check_changeable(support: Supported) -> None:
    if support.condition is not Condition.changeable:
        raise ChangeRefused(support.condition.value)


def preview(support: Supported, asking: Asking) -> Preview:
    """Return what a change comes to. Raises: ChangeRefused."""
    change = asking(support)
    dropped = change.kind is AskKind.pause and support.pending is not None and not support.pending.bank_has_it
    return Preview(
        change=change,
        instead_of=next(iter(list_charges(support.course, 1)), None),
        charges=tuple(list_charges(change.course, SHOWN)),
        falls_away=tuple(list_fallen_away(change.course)),
        pending=None if dropped else _pending_after(support, change),
        pending_falls_away=dropped,
    )


def next_charges(support: Supported) -> list[Charge]:
    """Return what is charged next as it stands."""
    return list_charges(support.course, SHOWN)


def _pending_after(support: Supported, change: Change) -> Money | None:
    """Return what is asked for already as it will be: a lower amount holds for it, too."""
    pending = support.pending
    if pending is None:
        return None
    lowers = change.kind is AskKind.change_amount and change.course.interval is support.course.interval
    return change.course.amount if lowers and change.course.amount < pending.amount else pending.amount


def look(parts: Parts, support_id: UUID, *, member_id: UUID, now: datetime) -> Supported:
    """Return a member's own support; asks Stripe nothing. Raises: LinkUnknown."""
    with reading(parts.sessions) as session:
        return look_at_supported(session, parts, support_id, member_id=member_id, now=now)


@dataclass(frozen=True, kw_only=True)
class Press:
    """One press of a button: on which support, by whom, on a page that showed what, under which number."""

    support_id: UUID
    member_id: UUID
    seen: str
    nonce: str


def ask_for_change(parts: Parts, press: Press, asking: Asking, *, now: datetime) -> Asked:
    """Have a change made that was shown as it will be, once for each press.

    Raises: LinkUnknown; ChangeRefused; PageStale: it would come to something else by now.
    """
    with transaction(parts.sessions) as session:
        support = look_at_supported(
            session, parts, press.support_id, member_id=press.member_id, now=now, lock=True
        )
        known = find_ask_by_nonce(session, _nonce(press.nonce))
        ask_id = known.id if known else _store(session, support, press, asking, now=now)
    return carry_out(parts, ask_id)


def _store(session: Session, support: Supported, press: Press, asking: Asking, *, now: datetime) -> UUID:
    if support.seen != press.seen or support.condition is Condition.asked:
        raise PageStale
    change = asking(support)
    of_amount = change.kind is AskKind.change_amount
    subscription_id = support.picture.stripe_subscription_id
    if of_amount:
        keep_agreement(session, subscription_id, total=change.course.amount, fees=change.fees, now=now)
    wish = Wish(
        nonce=_nonce(press.nonce),
        kind=change.kind,
        object_id=subscription_id,
        asked_by=AskedBy.member,
        amount=change.course.amount if of_amount else None,
        interval=change.course.interval if of_amount else None,
        resumes_at=change.resumes_at,
        charge_at=change.charge_at,
    )
    return queue.add_ask(session, wish, now=now)


def how_it_went(parts: Parts, support: Supported, nonce: str) -> AskOutcome | None:
    """Return what came of a press on this support; None where there was no such press."""
    with reading(parts.sessions) as session:
        ask = find_ask_by_nonce(session, _nonce(nonce))
        if ask is None or ask.stripe_object_id != support.picture.stripe_subscription_id:
            return None
        return outcome_of(ask)


def _nonce(press: str) -> str:
    return f"change-{press}"
