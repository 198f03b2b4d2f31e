"""New subscriptions: what the API and Checkout begin with."""

from typing import Any

from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.ids import new_id
from app.simulator.engine.invoices import finalize
from app.simulator.engine.listing import as_list
from app.simulator.engine.metadata import merged
from app.simulator.engine.renewals import let_advance
from app.simulator.engine.routes import pick
from app.simulator.engine.subscriptions import (
    INCOMPLETE_SECONDS,
    TRIAL_NOTICE_SECONDS,
    bill,
    period_of,
    schedule_cycle,
    start_period,
)
from app.simulator.engine.world import World
from app.simulator.resources.prices import inline_price

Json = dict[str, Any]
DAY_SECONDS = 86400


def new_subscription(world: World, customer: Json, params: Json) -> Json:
    """Build a subscription, not yet stored, from the parameters of the API or of Checkout."""
    subscription_id = new_id("subscription")
    items = [
        _item(world, subscription_id, given, f"items[{number}]")
        for number, given in enumerate(params["items"])
    ]
    prices = [world.get("price", item["price"]) for item in items]
    _check_prices(prices)
    subscription = {
        "id": subscription_id,
        "object": "subscription",
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": world.now(),
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "cancel_at": None,
        "cancel_at_period_end": False,
        "cancellation_details": {},
        "collection_method": params.get("collection_method", "charge_automatically"),
        "created": world.now(),
        "currency": prices[0]["currency"],
        "customer": customer["id"],
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {"issuer": {"type": "self"}},
        "items": as_list(items, f"/v1/subscription_items?subscription={subscription_id}"),
        "latest_invoice": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "pause_collection": None,
        "payment_settings": {"save_default_payment_method": "off", **(params.get("payment_settings") or {})},
        "start_date": world.now(),
        "status": "incomplete",
        "test_clock": customer.get("test_clock"),
        "trial_settings": params.get("trial_settings")
        or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        **pick(params, "days_until_due", "default_payment_method", "description"),
    }
    start_period(subscription, {price["id"]: price for price in prices}, world.now())
    _start_trial(world, subscription, params)
    _start_later(world, subscription, params)
    return subscription


def open_subscription(world: World, subscription: Json) -> Json:
    """Store a new subscription with its first invoice open. Returns: the invoice."""
    trialing = subscription["status"] == "trialing"
    if subscription["collection_method"] == "send_invoice" and not trialing:
        subscription["status"] = "active"
    world.create(subscription)
    invoice = bill(world, subscription, reason="subscription_create", period=(world.now(), world.now()))
    world.save(subscription)
    world.emit("customer.subscription.created", subscription)
    schedule_cycle(world, subscription)
    if subscription["status"] == "incomplete":
        world.schedule(world.now() + INCOMPLETE_SECONDS, "subscription_incomplete_expire", subscription["id"])
    if subscription["collection_method"] == "charge_automatically":
        finalize(world, invoice)
    else:
        let_advance(world, invoice)
    return invoice


def _start_later(world: World, subscription: Json, params: Json) -> None:
    """Bill from a later anchor on; the time until then costs its share, or nothing."""
    anchor = params.get("billing_cycle_anchor")
    if not isinstance(anchor, int) or subscription["status"] == "trialing":
        return
    natural = period_of(subscription)[1]
    if anchor <= world.now():
        raise invalid(
            "Invalid timestamp: must be an integer Unix timestamp in the future.",
            param="billing_cycle_anchor",
        )
    if anchor > natural:
        raise invalid(
            f"billing_cycle_anchor cannot be later than next natural billing date ({natural}) for plan",
            param="billing_cycle_anchor",
        )
    free = params.get("proration_behavior") == "none"
    subscription |= {"_stub": "free" if free else "prorated", "billing_cycle_anchor": anchor}
    for item in subscription["items"]["data"]:
        item["current_period_end"] = anchor


def _item(world: World, subscription_id: str, given: Json, where: str) -> Json:
    if "price" in given:
        price = world.get("price", given["price"], param=f"{where}[price]")
        if not price["active"] and not given.get("inline"):
            raise invalid(
                "The price specified is inactive. This field only accepts active prices.",
                param=f"{where}[price]",
            )
    elif "price_data" in given:
        price = inline_price(world, given["price_data"], prefix=f"{where}[price_data]")
    else:
        raise missing_param(f"{where}[price]")
    return {
        "id": new_id("subscription_item"),
        "object": "subscription_item",
        "created": world.now(),
        "current_period_end": world.now(),
        "current_period_start": world.now(),
        "discounts": [],
        "metadata": merged({}, given.get("metadata")),
        "price": price["id"],
        "quantity": given.get("quantity", 1),
        "subscription": subscription_id,
        "tax_rates": [],
    }


def _check_prices(prices: list[Json]) -> None:
    for number, price in enumerate(prices):
        if price["type"] != "recurring":
            raise invalid(
                "The price specified is set to `type=one_time` but this field only accepts prices with "
                "`type=recurring`.",
                param=f"items[{number}][price]",
            )
    if len({price["currency"] for price in prices}) > 1:
        raise invalid("All prices on a subscription must have the same currency.", param="items")


def _start_trial(world: World, subscription: Json, params: Json) -> None:
    until = params.get("trial_end")
    if "trial_period_days" in params:
        until = world.now() + params["trial_period_days"] * DAY_SECONDS
    if not until or until == "now":
        return
    if until <= world.now():
        raise invalid(
            "Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end"
        )
    subscription |= {
        "billing_cycle_anchor": until,
        "status": "trialing",
        "trial_end": until,
        "trial_start": world.now(),
    }
    for item in subscription["items"]["data"]:
        item |= {"current_period_end": until, "current_period_start": world.now()}
    # A trial of less than three days is announced as soon as it begins.
    notice_at = max(until - TRIAL_NOTICE_SECONDS, world.now())
    world.schedule(notice_at, "subscription_trial_notice", subscription["id"])
