"""What a reader chose on a page that changes their support, read from the request."""

from collections.abc import Mapping
from datetime import datetime

from app.access import parts
from app.billing.course import MOST_MONTHS
from app.flows.manage import changes
from app.flows.manage.changes import Asking, ChangeRefused
from app.flows.manage.support import Supported
from app.giving.rules import AmountTooLarge, AmountTooSmall, check_bounds
from app.kernel.intervals import Interval
from app.kernel.money import AmountNotUnderstood, AmountReadTwoWays, parse_money

DAYS = range(1, 32)
MONTHS = range(1, MOST_MONTHS + 1)
Fields = Mapping[str, str]


def read_amount(fields: Fields, support: Supported, _now: datetime) -> Asking | None:
    """Read `amount` and `interval`; None where nothing was chosen yet. Raises: ChangeRefused."""
    text = fields.get("amount", "").strip()
    if not text:
        return None
    interval, currency = fields.get("interval", ""), support.course.amount.currency
    newsroom = parts().newsroom
    if interval not in (Interval.month, Interval.year) or currency not in newsroom.currencies:
        raise ChangeRefused("not_offered")
    try:
        gift = check_bounds(newsroom, parse_money(text, currency), Interval(interval))
    except AmountReadTwoWays:
        raise ChangeRefused("amount_two_ways") from None
    except AmountNotUnderstood:
        raise ChangeRefused("amount_not_understood") from None
    except AmountTooSmall:
        raise ChangeRefused("amount_too_small") from None
    except AmountTooLarge:
        raise ChangeRefused("amount_too_large") from None
    return changes.another_amount(parts(), gift, Interval(interval))


def read_pause(fields: Fields, _support: Supported, now: datetime) -> Asking | None:
    """Read `months`. Raises: ChangeRefused."""
    months = _number(fields, "months", MONTHS)
    return changes.pause(months, now=now) if months else None


def read_day(fields: Fields, _support: Supported, now: datetime) -> Asking | None:
    """Read `day`. Raises: ChangeRefused."""
    day = _number(fields, "day", DAYS)
    return changes.another_day(parts(), day, now=now) if day else None


def read_skip(_fields: Fields, _support: Supported, _now: datetime) -> Asking:
    """Return the one thing this page is for."""
    return changes.skip


def read_resume(_fields: Fields, _support: Supported, _now: datetime) -> Asking:
    """Return the one thing this page is for."""
    return changes.go_on


def _number(fields: Fields, name: str, allowed: range) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:3]) in allowed):
        raise ChangeRefused("not_offered")
    return int(text)
