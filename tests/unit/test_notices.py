"""Which charges are told of beforehand, and how long before."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.billing.renewing import Renewing
from app.flows.notices import notices_about
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import MailKind
from config.newsroom import Notices

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TERMS = Notices(yearly_days=14, raised_days=7, card_days=30)
COMING, EXPIRING = MailKind.charge_coming, MailKind.card_expiring


def told(days: float, **changed: Any) -> list[MailKind]:
    """Return what is told of a charge in so many days."""
    values: dict[str, Any] = {
        "stripe_subscription_id": "sub_1",
        "member_id": new_id(),
        "charge_at": NOW + timedelta(days=days),
        "amount": Money(500, "eur"),
        "interval": Interval.month,
        "last_paid": Money(500, "eur"),
        "card_good_until": date(2030, 12, 31),
        "id": new_id(),
    }
    renewing = Renewing(**{**values, **changed})
    return [notice.kind for notice in notices_about(renewing, TERMS, zone=BERLIN, now=NOW)]


@pytest.mark.parametrize(("days", "expected"), [(0.1, [COMING]), (14, [COMING]), (14.01, [])])
def test_a_yearly_charge_is_told_of_two_weeks_before(days: float, expected: list[MailKind]) -> None:
    assert told(days, interval=Interval.year) == expected


@pytest.mark.parametrize(("days", "expected"), [(1, [COMING]), (7, [COMING]), (7.01, [])])
def test_the_first_charge_of_a_raised_amount_is_told_of_a_week_before(
    days: float, expected: list[MailKind]
) -> None:
    assert told(days, last_paid=Money(499, "eur")) == expected


@pytest.mark.parametrize("last_paid", [Money(500, "eur"), Money(501, "eur"), None])
def test_an_everyday_charge_is_not_told_of(last_paid: Money | None) -> None:
    assert told(1, last_paid=last_paid) == []


@pytest.mark.parametrize(
    ("good_until", "expected"),
    [
        (date(2026, 11, 12), [EXPIRING]),
        (date(2026, 11, 13), []),
        (date(2026, 10, 31), [EXPIRING]),
        (None, []),
    ],
)
def test_a_card_is_told_of_that_will_be_out_of_date_on_the_day(
    good_until: date | None, expected: list[MailKind]
) -> None:
    assert told(10, card_good_until=good_until) == expected


def test_a_card_is_not_told_of_long_before_its_charge() -> None:
    assert told(30.01, card_good_until=date(2026, 11, 30)) == []
    assert told(30, card_good_until=date(2026, 11, 30)) == [EXPIRING]


def test_the_day_of_a_charge_is_the_newsrooms() -> None:
    """At 23:30 in London it is the next day in Berlin, and the card of that month is over."""
    charge_at = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    days = (charge_at - NOW) / timedelta(days=1)

    assert told(days, card_good_until=date(2026, 11, 30)) == [EXPIRING]
