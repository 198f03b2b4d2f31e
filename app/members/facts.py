"""Tells what happened to a membership from what was recorded and what Stripe shows now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactCause, FactKind, MembershipState
from app.members.transitions import leads_to, way

MONTHS_A_YEAR = 12
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What each interval is charged."""

    amount: Money
    interval: Interval

    @property
    def yearly_minor(self) -> int:
        """What a year amounts to, in minor units."""
        return self.amount.minor * (MONTHS_A_YEAR if self.interval is Interval.month else 1)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One dated fact."""

    kind: FactKind
    occurred_at: datetime
    standing: Standing
    state: MembershipState = MembershipState.active
    """What the membership is from here on."""
    cause: FactCause | None = None
    """Of a change that somebody brought about; see `members.causes`."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What Stripe shows of the subscription now, and the best that is known of when it came about."""

    standing: Standing
    state: MembershipState
    paid: bool
    """Whether any of its periods has been paid: only then did the membership start."""
    started_at: datetime
    ended_at: datetime | None
    seen_at: datetime
    """When it was looked at."""
    reported_at: datetime | None = None
    """When Stripe last reported a change, of what it reported since the look before; maybe nothing."""
    period_started_at: datetime | None = None
    """When the period began that Stripe is in: a renewal that fails is of this one, or of one before."""
    failed_at: datetime | None = None
    """Since when the invoice that failed has been asked for."""
    paid_at: datetime | None = None
    """When its newest payment was made."""
    pause_holds: bool = False
    """Whether nothing is charged for a while, whatever the state."""
    pause_over_at: datetime | None = None
    """When its pause was to end by itself, where there was one until now."""


@dataclass(frozen=True, kw_only=True)
class _Step:
    kind: FactKind
    at: datetime


def changes_since(last: Change | None, seen: Seen) -> list[Change]:
    """Return the facts that lead from the last one recorded to what is seen.

    A membership that started and ended between two looks gets both facts; one that ended stays
    ended. Each fact is later than the one before it, if only by a microsecond: Stripe counts in
    whole seconds, and of two facts on one instant the second would be taken for the first.
    """
    if not seen.paid or (last and last.state is MembershipState.ended):
        return []
    newest = last or _start(seen)
    chain = [] if last else [newest]
    for step in _steps(newest, seen):
        newest = _follow(newest, step, seen)
        chain.append(newest)
    return chain


def _start(seen: Seen) -> Change:
    return Change(kind=FactKind.started, occurred_at=seen.started_at, standing=seen.standing)


def _steps(newest: Change, seen: Seen) -> list[_Step]:
    """Return what happened since, in the order it did."""
    if seen.ended_at:
        end = _Step(kind=FactKind.ended, at=seen.ended_at)
        return [*_of_amount(newest, seen, until=seen.ended_at), end]
    of_state = _of_state(newest, seen)
    of_amount = _of_amount(newest, seen, until=None)
    before = [step for step in of_state if of_amount and step.at < of_amount[0].at]
    return [*before, *of_amount, *of_state[len(before) :]]


def _of_state(newest: Change, seen: Seen) -> list[_Step]:
    """Return the steps to the state that is seen, none later than the one after it or before its cause."""
    kinds = way(newest.state, seen.state, pause_holds=seen.pause_holds)
    steps: list[_Step] = []
    for kind, earliest in reversed(list(zip(kinds, _earliest(kinds, newest, seen), strict=True))):
        at = _when(kind, newest, seen)
        at = min(at, steps[0].at) if steps else at
        steps.insert(0, _Step(kind=kind, at=max(at, earliest)))
    return steps


def _earliest(kinds: Sequence[FactKind], last: Change, seen: Seen) -> Iterator[datetime]:
    """Yield for each step the newest of the causes that it and those before it have."""
    earliest = last.occurred_at
    for kind in kinds:
        earliest = max(filter(None, (earliest, _cause(kind, last, seen))))
        yield earliest


def _cause(kind: FactKind, last: Change, seen: Seen) -> datetime | None:
    """Return when what led to it came about, where that is known.

    A renewal whose invoice was not seen yet is of the period Stripe shows: it has begun by then. One
    that Stripe gave up may be of an earlier period, for those go on while it is unpaid.
    """
    known = _known(kind, last, seen)
    if known is None and kind is FactKind.past_due and seen.state is MembershipState.past_due:
        return seen.period_started_at
    return known


def _of_amount(newest: Change, seen: Seen, *, until: datetime | None) -> list[_Step]:
    if newest.standing == seen.standing:
        return []
    raised = seen.standing.yearly_minor >= newest.standing.yearly_minor
    kind = FactKind.raised if raised else FactKind.lowered
    at = _when(kind, newest, seen)
    return [_Step(kind=kind, at=min(at, until - _A_MOMENT) if until else at)]


def _when(kind: FactKind, last: Change, seen: Seen) -> datetime:
    """Return when it happened, by the best that is known.

    What Stripe reported before the last fact is not what happened since: of that, no event came. A
    renewal then failed when its period began, as Stripe does it, and not when somebody looked.
    """
    at = _known(kind, last, seen) or seen.reported_at
    if at is None or not _is_since(last, at):
        at = _cause(kind, last, seen) or seen.seen_at
    return at


def _known(kind: FactKind, last: Change, seen: Seen) -> datetime | None:
    """Return the date that is of this kind of fact alone, where Stripe shows one."""
    at = {
        FactKind.past_due: seen.failed_at,
        FactKind.recovered: seen.paid_at,
        FactKind.resumed: seen.pause_over_at if _ran_out(seen) else None,
    }.get(kind)
    return at if at and _is_since(last, at) else None


def _is_since(last: Change, at: datetime) -> bool:
    """Whether it was not before the last fact; Stripe counts in whole seconds."""
    return at >= last.occurred_at.replace(microsecond=0)


def _ran_out(seen: Seen) -> bool:
    """Whether a pause that is over ended by itself, and not before its time."""
    return seen.pause_over_at is not None and seen.pause_over_at <= (seen.reported_at or seen.seen_at)


def _follow(last: Change, step: _Step, seen: Seen) -> Change:
    over = step.kind is FactKind.ended
    nothing = Standing(amount=Money(0, seen.standing.amount.currency), interval=seen.standing.interval)
    of_amount = step.kind in (FactKind.raised, FactKind.lowered)
    going = seen.standing if of_amount else last.standing
    return Change(
        kind=step.kind,
        occurred_at=max(step.at, last.occurred_at + _A_MOMENT),
        standing=nothing if over else going,
        state=leads_to(step.kind, last.state),
    )
