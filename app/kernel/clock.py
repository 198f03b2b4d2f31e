"""The one place that reads the clock; rules are given `now`."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def from_timestamp(seconds: int) -> datetime:
    """Return Stripe's whole seconds since the epoch as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant in the newsroom's time zone."""
    return at.astimezone(zone).date()
