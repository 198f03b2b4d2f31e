"""Subscriptions."""

from typing import Any

from app.simulator.engine.errors import StripeError, invalid, missing_param, not_covered
from app.simulator.engine.invoices import collect, finalize, intent_of, method_for, void
from app.simulator.engine.listing import list_objects
from app.simulator.engine.methods import attach, find_method
from app.simulator.engine.payments import Attempt
from app.simulator.engine.prorations import credit_unused
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.subscriptions import (
    bill,
    end,
    pending_lines,
    prices_of,
    start_period,
    wake,
)
from app.simulator.engine.uncovered import refuse_uncovered
from app.simulator.engine.world import World
from app.simulator.resources import customers
from app.simulator.resources.new_subscriptions import new_subscription, open_subscription
from app.simulator.resources.payment_intents import last_error
from app.simulator.resources.prices import plan_of
from app.simulator.resources.subscription_changes import apply_update

Json = dict[str, Any]
ENDED = {"canceled", "incomplete_expired"}
NO_METHOD = (
    "This customer has no attached payment source or default payment method. Please consider adding a "
    "default payment method. For more information, visit https://docs.stripe.com/billing/subscriptions/"
    "payment-methods-setting#payment-method-priority."
)


def create(call: Call) -> Json:
    """`POST /v1/subscriptions`: the first invoice is charged at once."""
    world, params = call.world, call.params
    for name in ("customer", "items"):
        if not params.get(name):
            raise missing_param(name)
    customer = customers.find(call, params["customer"], param="customer")
    if params.get("default_payment_method"):
        method = find_method(world, params["default_payment_method"], param="default_payment_method")
        attach(world, method, customer["id"])
        params["default_payment_method"] = method["id"]
    if params.get("collection_method") == "send_invoice" and "days_until_due" not in params:
        raise invalid(
            "You must pass `days_until_due` when `collection_method` is set to `send_invoice`.",
            param="days_until_due",
            code="parameter_missing",
        )
    refuse_uncovered(call)
    subscription = new_subscription(world, customer, params)
    behavior = params.get("payment_behavior", "allow_incomplete")
    open_subscription(world, subscription)
    if behavior != "default_incomplete":
        _pay_first(world, subscription, refuse=behavior == "error_if_incomplete")
    planned = {name: params[name] for name in ("cancel_at", "cancel_at_period_end") if params.get(name)}
    if planned:
        apply_update(world, world.get("subscription", subscription["id"]), planned)
    return world.get("subscription", subscription["id"])


def retrieve(call: Call) -> Json:
    """`GET /v1/subscriptions/{subscription_exposed_id}`."""
    return call.world.get("subscription", call.id)


def update(call: Call) -> Json:
    """`POST /v1/subscriptions/{subscription_exposed_id}`."""
    refuse_uncovered(call)
    subscription = find(call)
    if subscription["status"] in ENDED and call.params.keys() - {"metadata", "cancellation_details"}:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
            code="resource_missing" if subscription["status"] == "incomplete_expired" else None,
        )
    return apply_update(call.world, subscription, call.params)


def cancel(call: Call) -> Json:
    """`DELETE /v1/subscriptions/{subscription_exposed_id}`: at once, for good."""
    world = call.world
    subscription = find(call)
    if subscription["status"] in ENDED:
        raise StripeError(
            404,
            {
                "type": "invalid_request_error",
                "code": "resource_missing",
                "message": f"No such subscription: '{subscription['id']}'",
                "param": "id",
            },
        )
    details = pick(call.params.get("cancellation_details") or {}, "comment", "feedback")
    if subscription["status"] == "incomplete":
        _void_first(world, subscription)
    _settle_up(world, subscription, call.params)
    before = subscription.get("cancellation_details") or {}
    subscription["cancellation_details"] = {**before, **details}
    return end(world, subscription, reason="cancellation_requested")


def resume(call: Call) -> Json:
    """`POST /v1/subscriptions/{subscription}/resume`: a paused one, billed for a period that begins now."""
    world, params = call.world, call.params
    subscription = find(call)
    if subscription["status"] != "paused":
        raise invalid(
            "You can only resume a subscription with status `paused`. This subscription has status "
            f"`{subscription['status']}`."
        )
    if (params.get("billing_cycle_anchor") or {}).get("type") == "unchanged":
        raise not_covered("billing_cycle_anchor=unchanged of", call.path)
    waits = params.get("payment_behavior") == "resume_on_payment_success"
    start_period(subscription, prices_of(world, subscription), world.now(), anchor=world.now())
    invoice = bill(world, subscription, reason="subscription_update", period=(world.now(), world.now()))
    subscription["_resuming"] = waits
    world.save(subscription)
    if not waits:
        wake(world, subscription)
    finalize(world, invoice)
    if invoice["status"] == "open":
        method = method_for(world, invoice, subscription)
        collect(world, invoice, method, Attempt(off_session=True, for_invoice=True, scheduled=True))
    return world.get("subscription", subscription["id"])


def list_all(call: Call) -> Json:
    """`GET /v1/subscriptions`: without a status, those that are not canceled."""
    params = dict(call.params)
    status = params.pop("status", None)
    query: Json = {}
    if status == "ended":
        query["any_of"] = {"status": sorted(ENDED)}
    elif status is None:
        alive = ["incomplete", "trialing", "active", "past_due", "unpaid", "paused"]
        query["any_of"] = {"status": alive}
    elif status != "all":
        params["status"] = status
    return list_objects(
        call.world,
        "subscription",
        params,
        url="/v1/subscriptions",
        filters=("collection_method", "customer", "price", "status", "test_clock"),
        query=query,
    )


def present(world: World, subscription: Json) -> Json:
    """Items are shown with their whole price and its legacy plan."""
    items = subscription["items"]
    return {**subscription, "items": {**items, "data": [present_item(world, one) for one in items["data"]]}}


def present_item(world: World, item: Json) -> Json:
    """A subscription item with its whole price and its legacy plan; nothing of one that is gone."""
    if "price" not in item:
        return item
    price = world.get("price", item["price"])
    return {**item, "plan": plan_of(price), "price": price}


def find(call: Call) -> Json:
    """The subscription of the path, with its test clock in charge."""
    subscription = call.world.get("subscription", call.id)
    call.world.enter_test_clock(subscription.get("test_clock"))
    return subscription


def _pay_first(world: World, subscription: Json, *, refuse: bool) -> None:
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] != "open" or invoice["collection_method"] != "charge_automatically":
        return
    method = method_for(world, invoice, subscription)
    if method is None:
        raise invalid(NO_METHOD, code="resource_missing")
    collect(world, invoice, method, Attempt(for_invoice=True))
    intent = intent_of(world, invoice)
    error = last_error(world, intent) if intent else None
    if refuse and error:
        raise StripeError(402, error.error)


def _settle_up(world: World, subscription: Json, params: Json) -> None:
    """Credit the unused time of a subscription that ends now, and bill what is left, as asked."""
    if params.get("prorate") and subscription["status"] in {"active", "past_due"}:
        credit_unused(world, subscription, subscription["items"]["data"])
    lines = pending_lines(world, subscription) if params.get("invoice_now") else []
    if not lines:
        return
    period = (world.now(), world.now())
    invoice = bill(world, subscription, reason="subscription_update", period=period, lines=lines)
    finalize(world, invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        method = method_for(world, invoice, subscription)
        collect(world, invoice, method, Attempt(off_session=True, for_invoice=True, scheduled=True))


def _void_first(world: World, subscription: Json) -> None:
    world.unschedule(subscription["id"], "subscription_incomplete_expire")
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        void(world, invoice)


ROUTES = [
    Route("POST", "/v1/subscriptions", create),
    Route("GET", "/v1/subscriptions", list_all),
    Route("GET", "/v1/subscriptions/{subscription_exposed_id}", retrieve),
    Route("POST", "/v1/subscriptions/{subscription_exposed_id}", update),
    Route("DELETE", "/v1/subscriptions/{subscription_exposed_id}", cancel),
    Route("POST", "/v1/subscriptions/{subscription}/resume", resume),
]
PRESENTERS = {"subscription": present, "subscription_item": present_item}
