"""The days a report over time asks about."""

from datetime import date

from app.reports.members import month_ends


def test_month_ends_lead_up_to_the_last_day() -> None:
    assert month_ends(date(2026, 3, 14), 4) == [
        date(2025, 12, 31),
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 14),
    ]


def test_a_leap_day_ends_its_month() -> None:
    assert month_ends(date(2028, 3, 1), 2) == [date(2028, 2, 29), date(2028, 3, 1)]
