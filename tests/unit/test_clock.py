"""Instants are aware UTC; the newsroom's time zone decides days and nothing else."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.clock import from_timestamp, local_date, utc_now

BERLIN = ZoneInfo("Europe/Berlin")


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


@given(st.integers(0, 4_102_444_800))
def test_stripes_seconds_are_kept_to_the_second(seconds: int) -> None:
    at = from_timestamp(seconds)

    assert at.utcoffset() == timedelta(0)
    assert int(at.timestamp()) == seconds


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 7, 31, 21, 59, tzinfo=UTC), date(2026, 7, 31)),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), date(2026, 8, 1)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_a_minute_to_midnight_falls_on_the_newsrooms_day(at: datetime, day: date) -> None:
    assert local_date(at, BERLIN) == day
