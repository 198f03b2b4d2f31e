"""Payment and setup intents by hand: held and captured, let go, changed, refused."""

from typing import Any

import pytest
import stripe

from tests.simulator.shop import DAY, Shop


def held(shop: Shop, amount: int = 1500, card: str = "pm_card_visa") -> stripe.PaymentIntent:
    """A payment that waits to be captured."""
    return shop.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "payment_method": card,
            "capture_method": "manual",
            "confirm": True,
        }
    )


def charge_of(shop: Shop, intent: stripe.PaymentIntent) -> stripe.Charge:
    """The charge of an intent, as it is now."""
    return shop.v1.charges.retrieve(str(intent.latest_charge))


def test_a_held_payment_moves_no_money(shop: Shop) -> None:
    intent = held(shop)

    charge = charge_of(shop, intent)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 1500, 0)
    assert (charge.captured, charge.paid, charge.amount_captured) == (False, True, 0)
    assert shop.simulator.objects("balance_transaction") == []
    assert shop.event_types()[-2:] == ["charge.succeeded", "payment_intent.amount_capturable_updated"]


def test_part_of_what_is_held_can_be_captured(shop: Shop) -> None:
    intent = held(shop)

    taken = shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1000})

    charge = charge_of(shop, intent)
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 1000, 0)
    assert (charge.captured, charge.amount, charge.amount_captured) == (True, 1500, 1000)
    assert [one["amount"] for one in shop.simulator.objects("balance_transaction")] == [1000]
    assert shop.event_types()[-3:] == ["charge.captured", "payment_intent.succeeded", "charge.updated"]
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        shop.v1.refunds.create({"charge": charge.id, "amount": 1001})


def test_no_more_than_is_held_can_be_captured_and_only_once(shop: Shop) -> None:
    intent = held(shop)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1501})
    assert refused.value.code == "amount_too_large"

    shop.v1.payment_intents.capture(intent.id)

    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        shop.v1.payment_intents.capture(intent.id)


def test_a_charge_can_be_captured_by_itself(shop: Shop) -> None:
    intent = held(shop)

    charge = shop.v1.charges.capture(str(intent.latest_charge), {"amount": 700})

    assert (charge.captured, charge.amount_captured) == (True, 700)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.charges.capture(charge.id)
    assert refused.value.code == "charge_already_captured"


@pytest.mark.parametrize("by_time", [False, True])
def test_what_is_not_captured_is_let_go(shop: Shop, by_time: bool) -> None:
    intent = held(shop)

    if by_time:
        shop.simulator.advance(seconds=8 * DAY)
    else:
        shop.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    ended = shop.v1.payment_intents.retrieve(intent.id)
    charge = charge_of(shop, intent)
    assert ended.status == "canceled"
    assert ended.cancellation_reason == ("automatic" if by_time else "abandoned")
    assert (charge.refunded, charge.amount_refunded) == (True, 1500)
    assert shop.simulator.objects("balance_transaction") == []
    assert ("charge.expired" in shop.event_types()) is by_time


def test_a_card_disputed_at_once_is_disputed_when_captured(shop: Shop) -> None:
    intent = held(shop, card="pm_card_createDispute")
    assert shop.v1.disputes.list().data == []

    shop.v1.payment_intents.capture(intent.id)

    assert len(shop.v1.disputes.list({"payment_intent": intent.id}).data) == 1


def test_an_intent_can_be_changed_until_it_is_paid(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1500, "currency": "usd"})

    changed = shop.v1.payment_intents.update(
        intent.id, {"amount": 2000, "payment_method": "pm_card_visa", "metadata": {"a": "1"}}
    )
    paid = shop.v1.payment_intents.confirm(intent.id)

    assert (changed.status, changed.amount, paid.amount_received) == ("requires_confirmation", 2000, 2000)
    with pytest.raises(stripe.InvalidRequestError, match="cannot update"):
        shop.v1.payment_intents.update(intent.id, {"amount": 3000})
    with pytest.raises(stripe.InvalidRequestError, match="cannot cancel"):
        shop.v1.payment_intents.cancel(intent.id)
    assert shop.v1.payment_intents.update(intent.id, {"description": "Thanks"}).description == "Thanks"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": 49}, "at least"),
        ({"off_session": True}, "off_session can only be set"),
        ({"allowed_payment_method_types": ["klarna"]}, "card and sepa_debit only"),
    ],
)
def test_what_no_intent_can_be_is_refused(shop: Shop, fields: Any, words: str) -> None:
    given: Any = {"amount": 1500, "currency": "usd", **fields}

    with pytest.raises(stripe.InvalidRequestError, match=words):
        shop.v1.payment_intents.create(given)


def test_a_card_of_somebody_else_is_refused(shop: Shop) -> None:
    customer = shop.customer()
    [method] = shop.v1.customers.payment_methods.list(customer.id).data

    with pytest.raises(stripe.InvalidRequestError, match="different Customer"):
        shop.v1.payment_intents.create({"amount": 1500, "currency": "usd", "payment_method": method.id})


def test_the_payment_of_an_invoice_ends_with_the_invoice(shop: Shop) -> None:
    shop.subscription("pm_card_chargeCustomerFail")
    [intent] = shop.simulator.objects("payment_intent")

    with pytest.raises(stripe.InvalidRequestError, match="associated with an Invoice"):
        shop.v1.payment_intents.cancel(intent["id"])


def test_a_setup_intent_can_be_changed_until_it_is_done(shop: Shop) -> None:
    customer = shop.customer(None)
    intent = shop.v1.setup_intents.create()

    changed = shop.v1.setup_intents.update(
        intent.id, {"customer": customer.id, "payment_method": "pm_card_visa"}
    )
    done = shop.v1.setup_intents.confirm(intent.id)

    assert (changed.status, done.status) == ("requires_confirmation", "succeeded")
    assert len(shop.v1.customers.payment_methods.list(customer.id).data) == 1
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        shop.v1.setup_intents.update(intent.id, {"payment_method": "pm_card_visa"})
