"""Stripe's published test cards behave as published."""

from typing import Any

import pytest
import stripe

from tests.simulator.shop import DAY, Shop
from tests.support.simulator import DoorRefused

DECLINES = [
    ("4000000000000002", "card_declined", "generic_decline", "Your card was declined."),
    ("4000000000009995", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
    ("4000000000009987", "card_declined", "lost_card", "Your card was declined."),
    ("4000000000000069", "expired_card", None, "Your card has expired."),
    ("4000000000000127", "incorrect_cvc", None, "Your card's security code is incorrect."),
    ("4000000000000119", "processing_error", None, "An error occurred while processing your card."),
]


@pytest.mark.parametrize(("number", "code", "decline_code", "message"), DECLINES)
def test_a_declined_card_leaves_the_session_open(
    shop: Shop, number: str, code: str, decline_code: str | None, message: str
) -> None:
    session = shop.session()

    with pytest.raises(DoorRefused, match=message.partition("'")[0]) as refused:
        shop.simulator.pay(session.id, number)

    assert refused.value.status == 402
    assert refused.value.error["code"] == code
    assert refused.value.error.get("decline_code") == decline_code
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert shop.simulator.objects("balance_transaction") == []


def test_a_declined_payment_intent_raises_what_stripes_client_expects(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refused:
        shop.v1.payment_intents.create(
            {
                "amount": 2000,
                "currency": "usd",
                "payment_method": "pm_card_chargeDeclinedInsufficientFunds",
                "confirm": True,
            }
        )

    assert refused.value.http_status == 402
    assert refused.value.code == "card_declined"
    error = refused.value.error
    assert error is not None
    assert error.decline_code == "insufficient_funds"
    assert error.payment_intent is not None
    intent = shop.v1.payment_intents.retrieve(error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == "insufficient_funds"
    assert shop.event_types()[-3:] == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_a_card_declined_once_can_be_followed_by_a_good_one(shop: Shop) -> None:
    session = shop.session(customer_creation="always")
    with pytest.raises(DoorRefused):
        shop.simulator.pay(session.id, "4000000000000002")

    shop.simulator.pay(session.id)

    paid = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert paid.payment_status == "paid"
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    charges = shop.v1.charges.list({"payment_intent": paid.payment_intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_a_subscription_paid_at_the_third_try_has_its_failed_charges(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    for card in ("4000000000000002", "4000000000009995"):
        with pytest.raises(DoorRefused):
            shop.simulator.pay(session.id, card)

    shop.simulator.pay(session.id)

    [intent] = shop.simulator.objects("payment_intent")
    charges = shop.simulator.objects("charge")
    assert [charge["status"] for charge in charges] == ["failed", "failed", "succeeded"]
    assert {charge["payment_intent"] for charge in charges} == {intent["id"]}
    methods = shop.v1.customers.payment_methods.list(intent["customer"]).data
    assert [method.id for method in methods] == [charges[-1]["payment_method"]]


def test_a_customer_made_with_a_declining_card_is_not_made(shop: Shop) -> None:
    with pytest.raises(stripe.CardError):
        shop.customer("pm_card_chargeDeclined")

    assert shop.simulator.objects("customer") == []


def test_three_d_secure_waits_for_the_reader(shop: Shop) -> None:
    session = shop.session()

    waiting = shop.simulator.pay(session.id, "4000002760003184")
    assert (waiting["status"], waiting["payment_status"]) == ("open", "unpaid")
    done = shop.simulator.pay(session.id, "4000002760003184", complete_3ds=True)

    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    details = shop.simulator.objects("charge")[0]["payment_method_details"]["card"]
    assert details["three_d_secure"]["result"] == "authenticated"


def test_three_d_secure_that_is_failed_leaves_the_session_open(shop: Shop) -> None:
    session = shop.session()

    with pytest.raises(DoorRefused, match="unable to authenticate"):
        shop.simulator.pay(session.id, "4000002760003184", complete_3ds=False)

    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert shop.simulator.objects("charge") == []


def test_a_card_set_up_once_renews_without_the_reader(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    shop.simulator.pay(session.id, "4000002500003155", complete_3ds=True)

    shop.simulator.advance(seconds=32 * DAY)

    assert [invoice["status"] for invoice in shop.simulator.objects("invoice")] == ["paid", "paid"]


def test_a_card_that_always_authenticates_holds_up_the_renewal(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    shop.simulator.pay(session.id, "4000002760003184", complete_3ds=True)

    shop.simulator.advance(seconds=31 * DAY)

    [subscription] = shop.simulator.objects("subscription")
    renewal = shop.simulator.objects("invoice")[1]
    assert subscription["status"] == "past_due"
    assert renewal["status"] == "open"
    types = shop.event_types()
    assert "invoice.payment_action_required" in types
    assert "invoice.payment_failed" in types


def test_a_card_can_be_saved_and_fail_when_charged(shop: Shop) -> None:
    customer = shop.customer("pm_card_chargeCustomerFail")

    subscription = shop.subscription(customer=customer.id)

    assert subscription.status == "incomplete"


def test_a_declining_card_cannot_be_saved(shop: Shop) -> None:
    customer = shop.customer(card=None)
    card: Any = {"number": "4000000000000002", "exp_month": 1, "exp_year": 2040}
    method = shop.v1.payment_methods.create({"type": "card", "card": card})

    with pytest.raises(stripe.CardError, match="declined"):
        shop.v1.payment_methods.attach(method.id, {"customer": customer.id})


@pytest.mark.parametrize("number", ["4242424242424241", "1234", "abcd", ""])
def test_what_is_no_card_number_is_refused(shop: Shop, number: str) -> None:
    session = shop.session()

    with pytest.raises(DoorRefused):
        shop.simulator.pay(session.id, number or " ")


def test_an_expiry_date_in_the_past_is_refused(shop: Shop) -> None:
    session = shop.session()

    with pytest.raises(DoorRefused, match="expiration year") as refused:
        shop.simulator.pay(session.id, expiry=[1, 2020])

    assert refused.value.error["param"] == "exp_year"


def test_off_session_payments_that_need_the_reader_are_declined(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refused:
        shop.v1.payment_intents.create(
            {
                "amount": 2000,
                "currency": "usd",
                "payment_method": "pm_card_authenticationRequired",
                "confirm": True,
                "off_session": True,
            }
        )

    assert refused.value.code == "authentication_required"
