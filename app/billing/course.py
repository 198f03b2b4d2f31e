"""How a support will be charged, and how a change of it alters that: what Stripe does, told beforehand.

Pure: everything is computed from what a subscription is known to be, by Stripe's own calendar, in UTC.
https://docs.stripe.com/billing/subscriptions/billing-cycle
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from app.billing.models import Subscription
from app.kernel.clock import last_of_month, local_date, months_after, months_between
from app.kernel.intervals import Interval
from app.kernel.money import Money

CHARGED_AFTER = timedelta(hours=1)
"""A renewal is drafted when the period ends, and charged an hour later."""
NOTICE_BEFORE_CHARGE = timedelta(days=3)
"""A pause is over so long before the next charge, so that it comes as no surprise."""
MONTHS_A_PERIOD = {Interval.month: 1, Interval.year: 12}
MOST_MONTHS = 12
"""The longest pause."""
LATEST_CHARGE = timedelta(days=730)
"""Stripe takes no day further ahead."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What is charged, and when: an hour after its period begins."""

    due_at: datetime
    amount: Money

    @property
    def charged_at(self) -> datetime:
        """When the money is asked for."""
        return self.due_at + CHARGED_AFTER


@dataclass(frozen=True, kw_only=True)
class Course:
    """A support as it will be charged from now on."""

    amount: Money
    interval: Interval
    next_at: datetime
    """When the paid period ends."""
    anchor_at: datetime
    """Whose day and hour every period begins on, or a short month's last day."""
    paused: bool = False
    paused_until: datetime | None = None
    """None while paused: until somebody resumes it."""
    ends_at: datetime | None = None


def course_of(row: Subscription) -> Course | None:
    """Return how a subscription is charged, as Stripe showed it last; None where it has no period."""
    if row.current_period_end is None:
        return None
    return Course(
        amount=Money(row.amount_minor, row.currency),
        interval=row.interval,
        next_at=row.current_period_end,
        anchor_at=row.anchor_at or row.current_period_end,
        paused=row.pause_behavior is not None,
        paused_until=row.paused_until,
        ends_at=row.cancel_at,
    )


def list_charges(course: Course, count: int) -> list[Charge]:
    """Return the next charges that are made; none where it ends before or is paused without an end."""
    if course.paused and course.paused_until is None:
        return []
    return list(islice(_made(course), count))


def list_fallen_away(course: Course) -> list[Charge]:
    """Return the charges that a pause with an end leaves out."""
    if not course.paused or course.paused_until is None:
        return []
    fallen: list[Charge] = []
    for due_at in due_dates(course):
        if not _falls_away(course, due_at):
            return fallen
        fallen.append(Charge(due_at=due_at, amount=course.amount))
    return fallen


def due_dates(course: Course) -> Iterator[datetime]:
    """Yield when periods begin that are to be paid for, until the end where one is planned."""
    at = course.next_at
    while course.ends_at is None or at < course.ends_at:
        yield at
        at = _following(course, at)


def _made(course: Course) -> Iterator[Charge]:
    for due_at in due_dates(course):
        if not _falls_away(course, due_at):
            yield Charge(due_at=due_at, amount=course.amount)


def _falls_away(course: Course, due_at: datetime) -> bool:
    return course.paused and course.paused_until is not None and due_at < course.paused_until


def _following(course: Course, at: datetime) -> datetime:
    passed, step = months_between(course.anchor_at, at), MONTHS_A_PERIOD[course.interval]
    following = months_after(course.anchor_at, passed + step)
    return following if following > at else months_after(course.anchor_at, passed + 2 * step)


def with_amount(course: Course, amount: Money, interval: Interval) -> Course:
    """Return the course with another amount from the next charge on.

    Another interval begins with the next charge, and counts from its day.
    """
    anchor_at = course.anchor_at if interval is course.interval else course.next_at
    return replace(course, amount=amount, interval=interval, anchor_at=anchor_at)


def paused(course: Course, until: datetime) -> Course:
    """Return the course with nothing charged until an instant."""
    return replace(course, paused=True, paused_until=until)


def resumed(course: Course) -> Course:
    """Return the course with what falls due charged again."""
    return replace(course, paused=False, paused_until=None)


def moved(course: Course, charge_at: datetime) -> Course:
    """Return the course with its next period, and all that follow, beginning at another instant."""
    return replace(course, next_at=charge_at, anchor_at=charge_at)


def pause_until(course: Course, charges: int) -> datetime:
    """Return when a pause has to end so that just so many of the next charges fall away."""
    following = list(islice(due_dates(resumed(course)), charges + 1))
    return following[-1] - NOTICE_BEFORE_CHARGE


def first_on_day(course: Course, day: int, *, zone: ZoneInfo) -> datetime:
    """Return the first instant on a day of the month at which what is paid for is over.

    It is never sooner, so nothing is paid twice. Stripe counts on from it, so it is in a month that has
    this day; from then on a shorter month is charged on its last.
    """
    on = local_date(course.next_at, zone).replace(day=1)
    while True:
        if day <= last_of_month(on).day:
            at = _by_day(on.replace(day=day), zone)
            if at >= course.next_at:
                return at
        on = last_of_month(on) + timedelta(days=1)


def _by_day(on: date, zone: ZoneInfo) -> datetime:
    """Return an instant of a day whose charge is of the same day in UTC, by which Stripe counts."""
    noon = datetime.combine(on, time(12), tzinfo=UTC)
    far_east = (noon.astimezone(zone).utcoffset() or timedelta()) >= timedelta(hours=10)
    return noon.replace(hour=6) if far_east else noon
