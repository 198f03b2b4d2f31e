"""Which year a day belongs to, and what the year is called."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.receipts.statements import days_of, name_of, year_of

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))
MONTHS = st.integers(1, 12)


@given(DAYS, MONTHS)
def test_every_day_lies_in_its_own_year_and_in_no_other(day: date, first_month: int) -> None:
    first, last = days_of(year_of(day, first_month=first_month), first_month=first_month)

    assert first <= day <= last
    assert first.day == 1
    assert year_of(last + timedelta(days=1), first_month=first_month) == first.year + 1


@pytest.mark.parametrize(
    ("first_month", "first", "last", "name"),
    [
        (1, date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (4, date(2026, 4, 1), date(2027, 3, 31), "2026/27"),
        (3, date(2026, 3, 1), date(2027, 2, 28), "2026/27"),
    ],
)
def test_a_year_has_its_days_and_its_name(first_month: int, first: date, last: date, name: str) -> None:
    assert days_of(2026, first_month=first_month) == (first, last)
    assert name_of(2026, first_month=first_month) == name


def test_the_turn_of_a_century_is_two_digits() -> None:
    assert name_of(2099, first_month=7) == "2099/00"
