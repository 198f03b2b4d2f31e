"""What we ask Stripe for: exactly what was agreed, the same each time, with our ids alone."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from stripe.params.checkout import SessionCreateParams

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.cards import STRIPES_LANGUAGES
from app.stripe_gateway.gateway import CheckoutOrder, checkout_params

PLEDGE = UUID("0190b5f0-0000-7000-8000-00000000ada1")


def order(interval: Interval = Interval.month, **changed: Any) -> CheckoutOrder:
    values: dict[str, Any] = {
        "pledge_id": PLEDGE,
        "attempt": 1,
        "amount": Money(200, "eur"),
        "interval": interval,
        "title": "Monthly support of The Harbour Courier",
        "address": "ada@example.org",
        "language": "en",
        "thanks_url": "https://courier.example/support/thanks?session_id={CHECKOUT_SESSION_ID}",
        "back_url": "https://courier.example/support/resume/key",
    }
    return CheckoutOrder(**{**values, **changed})


def every_metadata(params: Any) -> Iterator[dict[str, Any]]:
    for key, value in params.items() if isinstance(params, dict) else enumerate(params):
        if key == "metadata":
            yield value
        elif isinstance(value, dict | list):
            yield from every_metadata(value)


@pytest.mark.parametrize("interval", Interval)
def test_metadata_carries_the_pledges_id_and_nothing_else(interval: Interval) -> None:
    found = list(every_metadata(checkout_params(order(interval))))

    assert len(found) == 2
    assert all(metadata == {"pledge": str(PLEDGE)} for metadata in found)


@pytest.mark.parametrize("interval", Interval)
@pytest.mark.parametrize("amount", [Money(200, "eur"), Money(300, "jpy"), Money(1500, "kwd")])
def test_the_reader_pays_exactly_what_was_pledged(interval: Interval, amount: Money) -> None:
    (item,) = checkout_params(order(interval, amount=amount))["line_items"]

    assert item["quantity"] == 1
    assert item["price_data"]["unit_amount"] == amount.minor
    assert item["price_data"]["currency"] == amount.currency


@pytest.mark.parametrize(
    ("interval", "mode", "recurring"),
    [
        (Interval.once, "payment", None),
        (Interval.month, "subscription", {"interval": "month"}),
        (Interval.year, "subscription", {"interval": "year"}),
    ],
)
def test_a_gift_is_taken_as_often_as_was_agreed(
    interval: Interval, mode: str, recurring: dict[str, str] | None
) -> None:
    params = checkout_params(order(interval))

    assert params["mode"] == mode
    assert params["line_items"][0]["price_data"].get("recurring") == recurring


@pytest.mark.parametrize("interval", Interval)
def test_the_card_never_touches_us(interval: Interval) -> None:
    params = checkout_params(order(interval))

    assert params["ui_mode"] == "hosted_page"
    assert "payment_method_types" not in params


@pytest.mark.parametrize("interval", Interval)
def test_the_same_order_always_asks_for_the_same(interval: Interval) -> None:
    assert checkout_params(order(interval)) == checkout_params(order(interval))


def test_a_gift_made_once_makes_a_customer_too_so_that_its_giver_is_known_again() -> None:
    assert checkout_params(order(Interval.once))["customer_creation"] == "always"


@pytest.mark.parametrize(("language", "locale"), [("en", "en"), ("ru", "ru"), ("ka", "auto"), ("xx", "auto")])
def test_stripes_page_speaks_the_readers_language_if_it_can(language: str, locale: str) -> None:
    assert checkout_params(order(language=language))["locale"] == locale


def test_stripe_knows_every_language_we_send() -> None:
    known = set(re.findall(r"'([^']+)'", str(SessionCreateParams.__annotations__["locale"])))

    assert known >= STRIPES_LANGUAGES
