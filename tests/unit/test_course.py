"""How a support will be charged: Stripe's calendar, told beforehand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.course import (
    CHARGED_AFTER,
    Course,
    due_dates,
    first_on_day,
    list_charges,
    list_fallen_away,
    moved,
    pause_until,
    paused,
    resumed,
    with_amount,
)
from app.kernel.clock import from_timestamp, last_of_month, local_date
from app.kernel.intervals import Interval
from app.kernel.money import Money

FIVE, SIXTY = Money(500, "eur"), Money(6000, "eur")
ZONES = st.sampled_from(("Europe/Berlin", "Europe/Moscow", "Pacific/Auckland", "America/Los_Angeles", "UTC"))
SECONDS = st.integers(1_767_225_600, 1_956_528_000)
"""From 2026 to 2031."""
INSTANTS = SECONDS.map(from_timestamp)


def course(at: datetime, interval: Interval = Interval.month) -> Course:
    return Course(amount=FIVE, interval=interval, next_at=at, anchor_at=at)


def day(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def dates(of: Course, count: int) -> list[str]:
    return [f"{at:%m-%d}" for at in islice(due_dates(of), count)]


def test_the_last_of_january_comes_back_after_february() -> None:
    """Edge 14."""
    assert dates(course(day(2027, 1, 31, 9)), 4) == ["01-31", "02-28", "03-31", "04-30"]
    ahead = replace(course(day(2028, 1, 31, 9)), next_at=day(2028, 2, 29, 9))
    assert dates(ahead, 3) == ["02-29", "03-31", "04-30"]


def test_a_yearly_leap_day_is_charged_on_the_last_of_february() -> None:
    """Edge 14."""
    assert dates(course(day(2028, 2, 29), Interval.year), 5) == ["02-29", "02-28", "02-28", "02-28", "02-29"]


def test_another_interval_counts_from_the_end_of_what_is_paid() -> None:
    short = replace(course(day(2027, 1, 31)), next_at=day(2027, 2, 28))

    yearly = with_amount(short, SIXTY, Interval.year)

    assert [(one.due_at, one.amount) for one in list_charges(yearly, 2)] == [
        (day(2027, 2, 28), SIXTY),
        (day(2028, 2, 28), SIXTY),
    ]
    assert with_amount(short, SIXTY, Interval.month).anchor_at == short.anchor_at


def test_support_that_ends_is_charged_no_more() -> None:
    ending = replace(course(day(2027, 3, 5)), ends_at=day(2027, 3, 5))

    assert list_charges(ending, 2) == []


def test_a_pause_without_an_end_foretells_nothing_until_it_is_taken_back() -> None:
    standing = replace(course(day(2027, 3, 5)), paused=True)

    assert list_charges(standing, 2) == []
    assert list_fallen_away(standing) == []
    assert len(list_charges(resumed(standing), 2)) == 2


@given(at=INSTANTS, charges=st.integers(1, 12), interval=st.sampled_from((Interval.month, Interval.year)))
def test_just_so_many_charges_fall_away_and_the_next_is_announced(
    at: datetime, charges: int, interval: Interval
) -> None:
    """Edge 13: over the turn of a year, too."""
    whole = course(at, interval)
    until = pause_until(whole, charges)

    waiting = paused(whole, until)

    fallen, (after, _) = list_fallen_away(waiting), list_charges(waiting, 2)
    assert [one.due_at for one in (*fallen, after)] == list(islice(due_dates(whole), charges + 1))
    assert after.due_at - until == timedelta(days=3)


@given(at=INSTANTS, wanted=st.integers(1, 31), zone=ZONES.map(ZoneInfo), interval=st.sampled_from(Interval))
def test_every_charge_is_on_the_day_that_was_chosen_or_the_last_of_a_shorter_month(
    at: datetime, wanted: int, zone: ZoneInfo, interval: Interval
) -> None:
    if interval is Interval.once:
        interval = Interval.month
    before = course(at, interval)

    after = moved(before, first_on_day(before, wanted, zone=zone))

    assert at <= after.next_at < at + timedelta(days=63)
    for charge in list_charges(after, 14):
        on = local_date(charge.charged_at, zone)
        assert on.day == min(wanted, last_of_month(on).day)


@pytest.mark.parametrize("wanted", range(1, 32))
def test_a_new_day_is_the_first_there_is_once_what_is_paid_is_over(wanted: int) -> None:
    before = course(day(2027, 3, 10, 8))

    found = first_on_day(before, wanted, zone=ZoneInfo("Europe/Berlin"))

    month = 3 if wanted >= 10 else 4
    assert found == day(2027, month, wanted, 12)


def test_a_minute_before_midnight_is_charged_within_the_next_day() -> None:
    """Edge 14."""
    (charge,) = list_charges(course(day(2027, 1, 31, 22, 59)), 1)

    assert charge.charged_at == charge.due_at + CHARGED_AFTER
    assert local_date(charge.charged_at, ZoneInfo("Europe/Berlin")).isoformat() == "2027-02-01"
