"""Who supports the newsroom and how, from the membership facts alone.

A membership is active on a day when it has started by the end of that day and has not ended by
then. A member with two memberships is one member.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.intervals import Interval
from app.members.models import FactKind, MembershipFact

_NEVER = date.max


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """How many members were active at the end of one day."""

    day: date
    members: int


@dataclass(frozen=True, kw_only=True)
class IntervalRow:
    """How many members were active, by how often they give."""

    interval: Interval
    members: int
    """A member who gives both monthly and yearly is in both rows."""


def active_on(session: Session, day: date) -> int:
    """Return how many members were active at the end of a day."""
    standings = _standings()
    return session.scalar(_count(standings).where(*_holds_on(standings, day))) or 0


def active_on_days(session: Session, days: Sequence[date]) -> list[DayRow]:
    """Return how many members were active at the end of each of these days, in one query."""
    standings = _standings()
    asked = sa.union_all(*[sa.select(sa.literal(day, sa.Date).label("day")) for day in days]).cte("asked")
    holds = sa.and_(standings.c.first_on <= asked.c.day, standings.c.until_on > asked.c.day)
    statement = (
        sa.select(asked.c.day, sa.func.count(sa.distinct(standings.c.member_id)).label("members"))
        .select_from(asked.outerjoin(standings, sa.and_(holds, standings.c.kind != FactKind.ended)))
        .group_by(asked.c.day)
        .order_by(asked.c.day)
    )
    return [DayRow(day=row.day, members=row.members) for row in session.execute(statement)]


def active_by_interval(session: Session, day: date) -> list[IntervalRow]:
    """Return how many members were active at the end of a day, monthly givers first."""
    standings = _standings()
    statement = (
        _count(standings)
        .add_columns(standings.c.interval)
        .where(*_holds_on(standings, day))
        .group_by(standings.c.interval)
        .order_by(standings.c.interval)
    )
    rows = session.execute(statement)
    return [IntervalRow(interval=interval, members=members) for members, interval in rows]


def month_ends(last: date, months: int) -> list[date]:
    """Return the last days of the months before `last`'s month, then `last` itself: `months` days."""
    days = [last]
    while len(days) < months:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]


def _standings() -> sa.CTE:
    """Every fact with the day until which it held: the day of the membership's next fact."""
    facts = MembershipFact
    is_end = sa.case((facts.kind == FactKind.ended, 1), else_=0)
    following = sa.func.lead(facts.occurred_on).over(
        partition_by=facts.stripe_subscription_id, order_by=(facts.occurred_at, is_end, facts.id)
    )
    return sa.select(
        facts.member_id,
        facts.kind,
        facts.interval,
        facts.occurred_on.label("first_on"),
        sa.func.coalesce(following, sa.literal(_NEVER, sa.Date)).label("until_on"),
    ).cte("standings")


def _count(standings: sa.CTE) -> sa.Select[int]:
    return sa.select(sa.func.count(sa.distinct(standings.c.member_id)))


def _holds_on(standings: sa.CTE, day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        standings.c.first_on <= day,
        standings.c.until_on > day,
        standings.c.kind != FactKind.ended,
    )
