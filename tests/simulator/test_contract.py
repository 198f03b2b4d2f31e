"""Everything the simulator says is checked against the installed package, and so is the checker."""

import copy
import json
from typing import Any

import pytest

from app.simulator.contract import check_request, check_response, complete
from tests.simulator.shop import DAY, Shop
from tests.support.simulator import DoorRefused, SimulatorProcess

Json = dict[str, Any]


def violations(simulator: SimulatorProcess) -> list[str]:
    """Every breach of the contract in what was ever answered, and in every event and object."""
    found = []
    for exchange in simulator.requests():
        for line in check_response(json.loads(exchange["response"])):
            found.append(f"{exchange['method']} {exchange['path']}: {line}")
    for event in simulator.objects("event"):
        found += [f"{event['type']}: {line}" for line in check_response(event)]
    return found


def live_through_everything(shop: Shop) -> None:
    """A long scenario that touches every resource, well and badly."""
    v1, simulator = shop.v1, shop.simulator
    v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]})
    once = shop.session(
        customer_creation="always", metadata={"pledge": "p1"}, locale="ru", expires_at=simulator.now() + 3600
    )
    for card in ("4000000000000002", "4000000000009995", "4000000000000069", "4000000000000127"):
        with pytest.raises(DoorRefused):
            simulator.pay(once.id, card)
    simulator.pay(once.id, "4000000000005126")
    intent = v1.checkout.sessions.retrieve(once.id).payment_intent
    assert isinstance(intent, str)
    v1.refunds.create({"payment_intent": intent, "amount": 100, "reason": "requested_by_customer"})
    monthly = shop.session(
        "subscription", amount=200, currency="kwd", subscription_data={"metadata": {"pledge": "p2"}}
    )
    simulator.pay(monthly.id, "4000002760003184")
    simulator.pay(monthly.id, "4000002760003184", complete_3ds=True)
    left = shop.session("subscription", currency="jpy", amount=500)
    simulator.pay(left.id, "4000002500003155")
    live_with_subscriptions(shop)


def live_with_subscriptions(shop: Shop) -> None:
    """Trials, failures, changes, ends, invoices by hand, and a test clock."""
    v1, simulator = shop.v1, shop.simulator
    trial = shop.subscription(trial_period_days=10, metadata={"a": "b"})
    v1.subscriptions.update(trial.id, {"pause_collection": {"behavior": "void"}, "description": "x"})
    failing = shop.subscription("pm_card_chargeCustomerFail")
    assert failing.status == "incomplete"
    kept = shop.subscription()
    item = kept["items"].data[0]
    v1.subscriptions.update(
        kept.id,
        {"items": [{"id": item.id, "price": shop.price(500).id}], "proration_behavior": "create_prorations"},
    )
    v1.subscriptions.update(kept.id, {"cancel_at_period_end": True})
    simulator.advance(seconds=100 * DAY)
    v1.subscriptions.cancel(shop.subscription().id)
    customer = shop.customer()
    v1.invoice_items.create(
        {"customer": customer.id, "amount": 700, "currency": "usd", "description": "Tote"}
    )
    invoice = v1.invoices.create({"customer": customer.id, "pending_invoice_items_behavior": "include"})
    v1.invoices.finalize_invoice(invoice.id)
    v1.invoices.pay(invoice.id)
    v1.setup_intents.create({"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True})
    clock = v1.test_helpers.test_clocks.create({"frozen_time": simulator.now()})
    bound = shop.customer(test_clock=clock.id)
    shop.subscription(customer=bound.id)
    v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": simulator.now() + 70 * DAY})
    v1.customers.delete(customer.id)


def read_everything_back(shop: Shop) -> None:
    """Every list and every kind of object, expanded."""
    v1: Any = shop.v1
    expansions = {
        "charges": ["data.balance_transaction", "data.payment_intent", "data.customer", "data.refunds"],
        "checkout.sessions": ["data.line_items", "data.payment_intent.latest_charge", "data.subscription"],
        "invoices": ["data.payments.data.payment.payment_intent", "data.customer", "data.lines.data.pricing"],
        "subscriptions": ["data.latest_invoice.payments", "data.default_payment_method", "data.customer"],
        "refunds": ["data.charge.balance_transaction", "data.balance_transaction"],
    }
    for name in (
        "customers products prices checkout.sessions payment_intents setup_intents subscriptions invoices "
        "invoice_payments invoice_items charges refunds balance_transactions events webhook_endpoints "
        "test_helpers.test_clocks"
    ).split():
        service = v1
        for part in name.split("."):
            service = getattr(service, part)
        params: Json = {"limit": 100}
        if name == "invoices":
            params["expand"] = [path for path in expansions[name] if not path.endswith("pricing")]
        elif name in expansions:
            params["expand"] = expansions[name]
        if name == "subscriptions":
            params["status"] = "all"
        assert service.list(params).data, name
    v1.balance.retrieve()
    v1.payment_methods.list({"type": "card", "limit": 100})


def test_everything_said_in_a_long_life_keeps_the_contract(shop: Shop) -> None:
    live_through_everything(shop)
    read_everything_back(shop)

    assert violations(shop.simulator) == []
    assert len(shop.simulator.requests()) > 50
    assert len(set(shop.event_types())) > 35


def test_the_coverage_report_names_what_answers_501(simulator: SimulatorProcess) -> None:
    report = simulator.door("coverage")

    assert report["unknown"] == []
    assert "POST /v1/checkout/sessions" in report["covered"]
    assert "POST /v1/topups" in report["uncovered"]


def _charge() -> Json:
    details = {"card": {"brand": "visa", "exp_month": 1, "exp_year": 2030}, "type": "card"}
    return complete(
        {
            "id": "ch_1",
            "object": "charge",
            "amount": 1,
            "amount_captured": 1,
            "amount_refunded": 0,
            "billing_details": {},
            "captured": True,
            "created": 1,
            "currency": "usd",
            "disputed": False,
            "livemode": False,
            "metadata": {},
            "paid": True,
            "payment_method_details": details,
            "refunded": False,
            "status": "succeeded",
        }
    )


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("amount",), "1", "is not int"),
        (("amount",), True, "is not int"),
        (("status",), "fine", "is not one of Stripe's values"),
        (("invoice",), "in_1", "no such field"),
        (("amount",), None, "never null"),
        (("metadata", "a"), 1, "is not str"),
        (("billing_details", "fax"), "1", "no such field"),
        (("payment_method_details", "card", "exp_year"), "2030", "is not int"),
        (("customer",), {"object": "charge"}, "where Customer belongs"),
    ],
)
def test_a_planted_wrong_field_is_caught(path: tuple[str, ...], value: object, complaint: str) -> None:
    right = _charge()
    assert check_response(right) == []
    wrong = copy.deepcopy(right)
    here = wrong
    for step in path[:-1]:
        here = here[step]

    here[path[-1]] = value

    found = check_response(wrong)
    assert len(found) == 1
    assert complaint in found[0]


def test_a_left_out_field_is_caught_at_any_depth() -> None:
    wrong = _charge()
    del wrong["payment_method_details"]["card"]["last4"]

    assert check_response(wrong) == ["charge.payment_method_details.card.last4: missing"]


@pytest.mark.parametrize(
    ("method", "path", "params", "complaint"),
    [
        ("POST", "/v1/customers", {"nam": "Ada"}, "unknown parameter: nam"),
        ("POST", "/v1/customers/cus_1", {"name": {"first": "Ada"}}, "Invalid string"),
        ("POST", "/v1/checkout/sessions", {"mode": "gift"}, "must be one of payment, setup, or subscription"),
        ("POST", "/v1/refunds", {"amount": "ten"}, "Invalid integer: ten"),
        ("GET", "/v1/nothing", {}, "no such route"),
    ],
)
def test_a_wrong_request_is_caught(method: str, path: str, params: Json, complaint: str) -> None:
    found = check_request(method, path, params)

    assert len(found) == 1
    assert complaint in found[0]


def test_a_right_request_passes() -> None:
    params = {
        "mode": "payment",
        "line_items": [{"price": "price_1", "quantity": 2}],
        "success_url": "https://x",
    }

    assert check_request("POST", "/v1/checkout/sessions", params) == []
