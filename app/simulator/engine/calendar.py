"""Billing dates: months keep their anchor day, also past short months."""

import calendar
from datetime import UTC, datetime, timedelta

INTERVAL_DAYS = {"day": 1, "week": 7}
INTERVAL_MONTHS = {"month": 1, "year": 12}


def period_end(anchor: int, start: int, interval: str, count: int) -> int:
    """The end of the billing period that begins at `start`.

    Args: anchor: the instant whose day and time of day every period keeps
        (31 January, 28 February, 31 March); interval: `day|week|month|year`.
    """
    if interval in INTERVAL_DAYS:
        return start + int(timedelta(days=INTERVAL_DAYS[interval] * count).total_seconds())
    months = INTERVAL_MONTHS[interval] * count
    passed = months_between(anchor, start)
    end = add_months(anchor, passed + months)
    return end if end > start else add_months(anchor, passed + 2 * months)


def add_months(instant: int, months: int) -> int:
    """The same day and time `months` later, or the last day of a shorter month."""
    moment = datetime.fromtimestamp(instant, UTC)
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


def months_between(earlier: int, later: int) -> int:
    """Calendar months from one instant's month to another's."""
    first, second = (datetime.fromtimestamp(at, UTC) for at in (earlier, later))
    return (second.year - first.year) * 12 + second.month - first.month
