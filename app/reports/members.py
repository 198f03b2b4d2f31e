"""Who supports the newsroom and how, from the membership facts alone.

A membership is active on a day when, by the end of that day, it has started, is charged, and is
neither over nor long unpaid: its state is `active`, or `past_due` for fewer days than the newsroom
gives as grace. One that is paused, lapsed or ended is not active. A member with two memberships is
one member.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.intervals import Interval
from app.members.models import FactKind, MembershipFact, MembershipState

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


def active_on(session: Session, day: date, *, grace_days: int) -> int:
    """Return how many members were active at the end of a day."""
    standings = _standings()
    holds = _holds(standings, day, grace_from=_grace_from(day, grace_days))
    return session.scalar(_count(standings).where(holds)) or 0


def active_on_days(session: Session, days: Sequence[date], *, grace_days: int) -> list[DayRow]:
    """Return how many members were active at the end of each of these days, in one query."""
    standings, asked = _standings(), _asked(days, grace_days)
    holds = _holds(standings, asked.c.day, grace_from=asked.c.grace_from)
    statement = (
        sa.select(asked.c.day, sa.func.count(sa.distinct(standings.c.member_id)).label("members"))
        .select_from(asked.outerjoin(standings, holds))
        .group_by(asked.c.day)
        .order_by(asked.c.day)
    )
    return [DayRow(day=row.day, members=row.members) for row in session.execute(statement)]


def active_by_interval(session: Session, day: date, *, grace_days: int) -> list[IntervalRow]:
    """Return how many members were active at the end of a day, monthly givers first."""
    standings = _standings()
    statement = (
        _count(standings)
        .add_columns(standings.c.interval)
        .where(_holds(standings, day, grace_from=_grace_from(day, grace_days)))
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


def _grace_from(day: date, grace_days: int) -> date:
    """Return the day after which a renewal that failed is still within its grace."""
    return day - timedelta(days=grace_days)


def _asked(days: Sequence[date], grace_days: int) -> sa.CTE:
    rows = [
        sa.select(
            sa.literal(day, sa.Date).label("day"),
            sa.literal(_grace_from(day, grace_days), sa.Date).label("grace_from"),
        )
        for day in days
    ]
    return sa.union_all(*rows).cte("asked")


def _standings() -> sa.CTE:
    """Every fact with the day until which it held, that of the next one, and since when it was unpaid."""
    facts = MembershipFact
    is_end = sa.case((facts.kind == FactKind.ended, 1), else_=0)
    order = (facts.occurred_at, is_end, facts.id)
    following = sa.func.lead(facts.occurred_on).over(
        partition_by=facts.stripe_subscription_id, order_by=order
    )
    failed_on = sa.case((facts.kind == FactKind.past_due, facts.occurred_on))
    unpaid_since = sa.func.max(failed_on).over(partition_by=facts.stripe_subscription_id, order_by=order)
    return sa.select(
        facts.member_id,
        facts.state,
        facts.interval,
        facts.occurred_on.label("first_on"),
        sa.func.coalesce(following, sa.literal(_NEVER, sa.Date)).label("until_on"),
        unpaid_since.label("unpaid_since"),
    ).cte("standings")


def _count(standings: sa.CTE) -> sa.Select[int]:
    return sa.select(sa.func.count(sa.distinct(standings.c.member_id)))


def _holds(
    standings: sa.CTE, day: date | sa.ColumnElement[date], *, grace_from: date | sa.ColumnElement[date]
) -> sa.ColumnElement[bool]:
    in_grace = sa.and_(standings.c.state == MembershipState.past_due, standings.c.unpaid_since > grace_from)
    return sa.and_(
        standings.c.first_on <= day,
        standings.c.until_on > day,
        sa.or_(standings.c.state == MembershipState.active, in_grace),
    )
