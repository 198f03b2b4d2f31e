"""SEPA debit: a bank that answers later, by Stripe's published test accounts."""

from typing import Any

import pytest
import stripe

from tests.simulator.shop import DAY, Shop
from tests.support.simulator import DoorRefused, Json

IBAN = "DE89370400440532013000"
FAILING = "DE62370400440532013001"
LATE = "DE08370400440532013003"
LATE_FAILING = "DE78370400440532013004"
DISPUTED = "DE35370400440532013002"
ACCEPTED: Any = {
    "customer_acceptance": {"type": "online", "online": {"ip_address": "192.0.2.1", "user_agent": "test"}}
}
ADA: Any = {"name": "Ada", "email": "ada@example.org"}


def account(shop: Shop, iban: str = IBAN) -> stripe.PaymentMethod:
    """Ada's bank account."""
    given: Any = {"type": "sepa_debit", "sepa_debit": {"iban": iban}, "billing_details": ADA}
    return shop.v1.payment_methods.create(given)


def debited(shop: Shop, method: str, **fields: Any) -> stripe.PaymentIntent:
    """Fifteen euros asked of a bank."""
    given: Any = {
        "amount": 1500,
        "currency": "eur",
        "payment_method": method,
        "allowed_payment_method_types": ["sepa_debit"],
        "mandate_data": ACCEPTED,
        "confirm": True,
        **fields,
    }
    return shop.v1.payment_intents.create(given)


def check_out(shop: Shop, iban: str = IBAN, mode: str = "payment") -> Json:
    """A Checkout session paid by debit. Returns: the session as the door answers."""
    session = shop.session(mode, 1500, "eur")
    return shop.simulator.door(f"checkout/{session.id}/pay", {"iban": iban, **ADA})


def test_a_debit_is_processing_until_the_bank_answers(shop: Shop) -> None:
    intent = debited(shop, account(shop).id)
    assert intent.status == "processing"
    assert shop.event_types()[-3:] == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
    ]

    shop.simulator.advance(seconds=60)

    done = shop.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    charge: Any = done.latest_charge
    assert (done.status, done.amount_received) == ("succeeded", 1500)
    assert (charge.status, charge.paid, charge.id[:3]) == ("succeeded", True, "py_")
    assert (charge.balance_transaction.type, charge.balance_transaction.fee) == ("payment", 35)
    assert shop.event_types()[-3:] == ["charge.succeeded", "payment_intent.succeeded", "charge.updated"]


def test_a_mandate_stands_behind_every_debit(shop: Shop) -> None:
    intent = debited(shop, account(shop).id, expand=["latest_charge"])

    charge: Any = intent.latest_charge
    mandate = shop.v1.mandates.retrieve(charge.payment_method_details.sepa_debit.mandate)

    assert (mandate.status, mandate.type) == ("active", "multi_use")
    assert mandate.payment_method == intent.payment_method
    assert mandate.payment_method_details.sepa_debit is not None
    assert mandate.customer_acceptance.online is not None
    assert mandate.customer_acceptance.online.ip_address == "192.0.2.1"


def test_a_debit_without_a_mandate_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="mandate_data"):
        shop.v1.payment_intents.create(
            {
                "amount": 1500,
                "currency": "eur",
                "payment_method": "pm_success_de",
                "allowed_payment_method_types": ["sepa_debit"],
                "confirm": True,
            }
        )


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_failed_de", "generic_could_not_process"),
        ("pm_insufficientFunds_at", "insufficient_funds"),
        ("pm_exceedsWeeklyVolumeLimit_nl", "charge_exceeds_source_limit"),
        ("pm_exceedsWeeklyTransactionLimit_fr", "charge_exceeds_weekly_limit"),
    ],
)
def test_a_bank_that_refuses_fails_the_payment(shop: Shop, method: str, code: str) -> None:
    intent = debited(shop, method)

    shop.simulator.advance(seconds=60)

    failed = shop.v1.payment_intents.retrieve(intent.id)
    [charge] = shop.simulator.objects("charge")
    assert failed.status == "requires_payment_method"
    assert (charge["status"], charge["failure_code"]) == ("failed", code)
    assert shop.simulator.objects("balance_transaction") == []
    assert shop.event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize(("iban", "status"), [(LATE, "succeeded"), (LATE_FAILING, "requires_payment_method")])
def test_some_banks_take_more_than_three_minutes(shop: Shop, iban: str, status: str) -> None:
    intent = debited(shop, account(shop, iban).id)

    shop.simulator.advance(seconds=180)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "processing"
    shop.simulator.advance(seconds=60)

    assert shop.v1.payment_intents.retrieve(intent.id).status == status


def test_a_debit_taken_back_is_lost_and_its_mandate_ends(shop: Shop) -> None:
    intent = debited(shop, account(shop, DISPUTED).id, expand=["latest_charge"])
    charge: Any = intent.latest_charge

    shop.simulator.advance(seconds=60)

    [dispute] = shop.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.reason) == ("lost", "debit_not_authorized")
    mandate = shop.v1.mandates.retrieve(charge.payment_method_details.sepa_debit.mandate)
    assert mandate.status == "inactive"
    types = shop.event_types()
    assert types.index("payment_intent.succeeded") < types.index("charge.dispute.created")
    assert "mandate.updated" in types


def test_a_debit_in_another_currency_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="sepa_debit only supports"):
        debited(shop, "pm_success_de", currency="usd")


@pytest.mark.parametrize("iban", ["DE00370400440532013000", "hello", "DE89"])
def test_what_is_no_iban_is_refused(shop: Shop, iban: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="IBAN") as refused:
        account(shop, iban)

    assert refused.value.param == "sepa_debit[iban]"


def test_a_bank_account_needs_its_holder(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="billing_details"):
        shop.v1.payment_methods.create({"type": "sepa_debit", "sepa_debit": {"iban": IBAN}})


def test_an_intent_takes_only_the_types_it_names(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="not allowed for this PaymentIntent"):
        debited(shop, "pm_success_de", allowed_payment_method_types=["card"])


def test_checkout_is_complete_before_the_money_is_there(shop: Shop) -> None:
    session = check_out(shop)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")

    shop.simulator.advance(seconds=60)

    assert shop.v1.checkout.sessions.retrieve(session["id"]).payment_status == "paid"
    types = [name for name in shop.event_types() if name.startswith("checkout")]
    assert types == ["checkout.session.completed", "checkout.session.async_payment_succeeded"]


def test_checkout_tells_of_a_debit_that_failed(shop: Shop) -> None:
    session = check_out(shop, FAILING)

    shop.simulator.advance(seconds=60)

    after = shop.v1.checkout.sessions.retrieve(session["id"])
    assert (after.status, after.payment_status) == ("complete", "unpaid")
    assert shop.event_types()[-1] == "checkout.session.async_payment_failed"


def test_a_subscription_is_active_while_the_bank_answers(shop: Shop) -> None:
    session = check_out(shop, mode="subscription")
    [subscription] = shop.simulator.objects("subscription")
    [invoice] = shop.simulator.objects("invoice")
    assert (subscription["status"], invoice["status"]) == ("active", "open")

    shop.simulator.advance(seconds=60)
    assert shop.v1.checkout.sessions.retrieve(session["id"]).payment_status == "paid"
    shop.simulator.advance(seconds=31 * DAY + 7200)

    assert [one["status"] for one in shop.simulator.objects("invoice")] == ["paid", "paid"]
    assert shop.event_types().count("checkout.session.async_payment_succeeded") == 1


def test_a_subscription_whose_first_debit_fails_is_past_due_and_tried_again(shop: Shop) -> None:
    check_out(shop, FAILING, mode="subscription")

    shop.simulator.advance(seconds=60)

    [subscription] = shop.simulator.objects("subscription")
    [invoice] = shop.simulator.objects("invoice")
    assert (subscription["status"], invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)
    assert invoice["next_payment_attempt"] is not None


def test_a_renewal_by_debit_is_open_until_the_bank_answers(shop: Shop) -> None:
    customer = shop.customer(None)
    method = shop.v1.payment_methods.attach(account(shop, LATE).id, {"customer": customer.id})
    subscription = shop.subscription(customer=customer.id, default_payment_method=method.id)
    end = subscription["items"].data[0].current_period_end

    shop.simulator.advance(to=end + 3660)
    renewal = shop.simulator.objects("invoice")[1]
    assert (renewal["status"], renewal["attempted"], subscription.status) == ("open", True, "active")
    with pytest.raises(stripe.InvalidRequestError, match="still processing"):
        shop.v1.invoices.void_invoice(renewal["id"])
    shop.simulator.advance(seconds=300)

    assert [one["status"] for one in shop.simulator.objects("invoice")] == ["paid", "paid"]


def test_a_session_in_dollars_cannot_be_debited(shop: Shop) -> None:
    session = shop.session("payment", 1500, "usd")

    with pytest.raises(DoorRefused, match="SEPA"):
        shop.simulator.door(f"checkout/{session.id}/pay", {"iban": IBAN, **ADA})


def test_a_session_for_cards_cannot_be_debited(shop: Shop) -> None:
    session = shop.session("payment", 1500, "eur", allowed_payment_method_types=["card"])

    with pytest.raises(DoorRefused, match="SEPA"):
        shop.simulator.door(f"checkout/{session.id}/pay", {"iban": IBAN, **ADA})


def test_an_account_is_set_up_with_its_mandate(shop: Shop) -> None:
    customer = shop.customer(None)

    intent = shop.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": account(shop).id,
            "allowed_payment_method_types": ["sepa_debit"],
            "mandate_data": ACCEPTED,
            "confirm": True,
        }
    )

    assert (intent.status, isinstance(intent.mandate, str)) == ("succeeded", True)
    methods = shop.v1.customers.payment_methods.list(customer.id).data
    assert [(one.type, one.sepa_debit and one.sepa_debit.last4) for one in methods] == [
        ("sepa_debit", "3000")
    ]
    assert debited(shop, methods[0].id, customer=customer.id, mandate_data=None).status == "processing"


def test_a_debit_can_be_refunded(shop: Shop) -> None:
    intent = debited(shop, "pm_success_de")
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        shop.v1.refunds.create({"payment_intent": intent.id})
    shop.simulator.advance(seconds=60)

    refund = shop.v1.refunds.create({"payment_intent": intent.id})

    assert (refund.status, refund.id[:4]) == ("succeeded", "pyr_")
    assert shop.simulator.objects("balance_transaction")[-1]["type"] == "payment_refund"


def test_an_account_is_saved_at_checkout_without_a_payment(shop: Shop) -> None:
    customer = shop.customer(None)
    session = shop.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": customer.id,
            "currency": "eur",
            "success_url": "https://newsroom.example/thanks",
        }
    )

    done = shop.simulator.door(f"checkout/{session.id}/pay", {"iban": IBAN, **ADA})

    assert (done["status"], done["payment_status"]) == ("complete", "no_payment_required")
    [method] = shop.v1.customers.payment_methods.list(customer.id).data
    assert method.type == "sepa_debit"


def test_debits_run_on_test_clocks(shop: Shop) -> None:
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": 1_900_000_000})
    customer = shop.customer(None, test_clock=clock.id)
    method = shop.v1.payment_methods.attach(account(shop).id, {"customer": customer.id})
    subscription = shop.subscription(customer=customer.id, default_payment_method=method.id)
    end = subscription["items"].data[0].current_period_end

    shop.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": end + 7200})
    shop.simulator.advance(seconds=1)

    assert [one["status"] for one in shop.simulator.objects("invoice")] == ["paid", "paid"]
    charges = shop.simulator.objects("charge")
    assert charges[1]["created"] == end + 3600
