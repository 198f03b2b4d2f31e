"""Tells what happened to a membership from what was recorded and what Stripe shows now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactKind

MONTHS_A_YEAR = 12


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


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What Stripe shows of the subscription now."""

    standing: Standing
    paid: bool
    """Whether any of its periods has been paid: only then did the membership start."""
    started_at: datetime
    ended_at: datetime | None
    changed_at: datetime
    """When Stripe last reported a change."""


def changes_since(last: Change | None, seen: Seen) -> list[Change]:
    """Return the facts that lead from the last one recorded to what is seen.

    A membership that started and ended between two looks gets both facts; one that ended stays ended.
    """
    if not seen.paid or (last and last.kind is FactKind.ended):
        return []
    begun = _beginning(last, seen)
    newest = begun[-1] if begun else last
    return [*begun, *_ending(newest, seen)]


def _beginning(last: Change | None, seen: Seen) -> list[Change]:
    if last is None:
        return [Change(kind=FactKind.started, occurred_at=seen.started_at, standing=seen.standing)]
    if last.standing == seen.standing:
        return []
    raised = seen.standing.yearly_minor >= last.standing.yearly_minor
    kind = FactKind.raised if raised else FactKind.lowered
    return [Change(kind=kind, occurred_at=_changed_at(last, seen), standing=seen.standing)]


def _changed_at(last: Change, seen: Seen) -> datetime:
    """Return when the standing changed: not after the end, and always after the last fact.

    Stripe counts in whole seconds and may report nothing of a change, so two of them can seem to
    fall on one instant; yet each fact has its own, or the second would be taken for the first.
    """
    reported = min(seen.changed_at, seen.ended_at) if seen.ended_at else seen.changed_at
    return max(reported, last.occurred_at + timedelta(microseconds=1))


def _ending(newest: Change | None, seen: Seen) -> list[Change]:
    if not seen.ended_at or newest is None:
        return []
    over = Standing(amount=Money(0, seen.standing.amount.currency), interval=seen.standing.interval)
    ended_at = max(seen.ended_at, newest.occurred_at)
    return [Change(kind=FactKind.ended, occurred_at=ended_at, standing=over)]
