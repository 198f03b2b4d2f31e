"""The one place that reads the clock; rules are given `now`."""

from calendar import monthrange
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def from_timestamp(seconds: int) -> datetime:
    """Return Stripe's whole seconds since the epoch as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)


def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant in the newsroom's time zone."""
    return at.astimezone(zone).date()


def months_after(moment: datetime, months: int) -> datetime:
    """Return the same hour so many months later, on the month's last day where it has no such day."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def months_between(earlier: datetime, later: datetime) -> int:
    """Return how many calendar months lie between the months of two instants."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month
