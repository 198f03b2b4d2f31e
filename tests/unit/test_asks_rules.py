"""What may be asked: how much of a payment can go back, and when a pause is over."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.asks.models import AskKind
from app.asks.queue import retry_delay
from app.asks.rules import MATTERS, AskRefused, Refundable, amount_to_refund
from app.kernel.clock import months_after
from app.kernel.money import Money

TEN = Money(1000, "eur")


def known(**changed: Any) -> Refundable:
    values: dict[str, Any] = {
        "paid": TEN, "given_back": Money(0, "eur"), "succeeded": True, "disputed": False,
    }  # fmt: skip
    return Refundable(**{**values, **changed})


def test_all_that_is_left_goes_back_where_no_amount_is_named() -> None:
    assert amount_to_refund(known(), None) == TEN
    assert amount_to_refund(known(given_back=Money(400, "eur")), None) == Money(600, "eur")


@pytest.mark.parametrize("minor", [1, 599, 600])
def test_what_is_left_can_go_back_to_the_last_cent(minor: int) -> None:
    wanted = Money(minor, "eur")

    assert amount_to_refund(known(given_back=Money(400, "eur")), wanted) == wanted


@pytest.mark.parametrize(
    ("changed", "wanted", "code"),
    [
        ({"succeeded": False}, None, "not_paid"),
        ({"disputed": True}, None, "charge_disputed"),
        ({"given_back": TEN}, None, "charge_already_refunded"),
        ({"given_back": TEN}, Money(1, "eur"), "charge_already_refunded"),
        ({"given_back": Money(1100, "eur")}, None, "charge_already_refunded"),
        ({"given_back": Money(400, "eur")}, Money(601, "eur"), "more_than_left"),
        ({}, Money(1001, "eur"), "more_than_left"),
        ({}, Money(0, "eur"), "amount_not_positive"),
        ({}, Money(-1, "eur"), "amount_not_positive"),
        ({}, Money(100, "usd"), "currency_mismatch"),
    ],
)
def test_what_cannot_go_back_is_named(changed: dict[str, Any], wanted: Money | None, code: str) -> None:
    with pytest.raises(AskRefused) as refused:
        amount_to_refund(known(**changed), wanted)

    assert refused.value.code == code


def test_who_asks_for_too_much_reads_how_much_is_left() -> None:
    with pytest.raises(AskRefused, match=r"Only €6\.00 is left to refund"):
        amount_to_refund(known(given_back=Money(400, "eur")), TEN)


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        ((2026, 11, 25), 1, (2026, 12, 25)),
        ((2026, 11, 25), 2, (2027, 1, 25)),
        ((2026, 12, 31), 2, (2027, 2, 28)),
        ((2027, 12, 31), 2, (2028, 2, 29)),
        ((2027, 12, 1), 12, (2028, 12, 1)),
        ((2027, 12, 1), 13, (2029, 1, 1)),
    ],
)
def test_a_pause_ends_on_the_same_day_of_a_later_month(
    day: tuple[int, int, int], months: int, until: tuple[int, int, int]
) -> None:
    assert months_after(datetime(*day, 9, 30, tzinfo=UTC), months) == datetime(*until, 9, 30, tzinfo=UTC)


def test_every_kind_of_ask_is_of_a_matter() -> None:
    assert set(MATTERS) == set(AskKind)


def test_stripe_is_asked_ever_more_rarely_and_at_least_twice_an_hour() -> None:
    delays = [int(retry_delay(tries).total_seconds()) for tries in (1, 2, 3, 4, 12, 500)]

    assert delays == [5, 10, 20, 40, 1800, 1800]
