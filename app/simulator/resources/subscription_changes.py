"""Changes to a running subscription: amount, interval, pause, cancellation, trial."""

from typing import Any

from app.simulator.engine.calendar import add_months
from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.ids import new_id
from app.simulator.engine.invoices import collect, finalize, method_for
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import attach, find_method
from app.simulator.engine.payments import Attempt
from app.simulator.engine.prorations import credit_unused, prorate
from app.simulator.engine.renewals import let_advance, may_leave_trial
from app.simulator.engine.routes import pick
from app.simulator.engine.subscriptions import (
    TRIAL_NOTICE_SECONDS,
    bill,
    pending_lines,
    period_of,
    prices_of,
    schedule_cycle,
    start_period,
)
from app.simulator.engine.world import World
from app.simulator.resources.prices import inline_price

Json = dict[str, Any]
NOTICE = "subscription_trial_notice"
LONGEST_TRIAL_MONTHS = 24
NO_ITEMS = (
    "A subscription must have at least one active plan. In order to cancel a subscription, please use the "
    "cancel API endpoint, or the `cancel_at_period_end` feature."
)


def apply_update(world: World, subscription: Json, params: Json) -> Json:
    """Apply the parameters of an update and tell of it.

    Raises: StripeError: an item, price or date Stripe refuses.
    """
    before = dict(subscription)
    subscription["metadata"] = merged(subscription["metadata"], params.get("metadata"))
    subscription |= pick(params, "description", "days_until_due", "collection_method")
    if params.get("default_payment_method"):
        method = find_method(world, params["default_payment_method"], param="default_payment_method")
        subscription["default_payment_method"] = attach(world, method, subscription["customer"])["id"]
    _apply_details(subscription, params)
    _apply_cancellation(world, subscription, params)
    _apply_pause(world, subscription, params)
    restarted = _apply_items(world, subscription, params) | _apply_trial(world, subscription, params)
    restarted = restarted or _apply_anchor(world, subscription, params)
    invoice = _billed(world, subscription, params, before=before, restarted=restarted)
    world.save(subscription, "customer.subscription.updated")
    if invoice:
        _collect_now(world, subscription, invoice)
    return world.get("subscription", subscription["id"])


def _billed(world: World, subscription: Json, params: Json, *, before: Json, restarted: bool) -> Json | None:
    """The invoice a change makes at once: of a new period, or of its prorations alone."""
    if restarted:
        invoice = bill(world, subscription, reason="subscription_update", period=period_of(before))
        schedule_cycle(world, subscription)
        return invoice
    if params.get("proration_behavior") != "always_invoice":
        return None
    lines = pending_lines(world, subscription)
    if not lines:
        return None
    period = (world.now(), world.now())
    return bill(world, subscription, reason="subscription_update", period=period, lines=lines)


def _apply_details(subscription: Json, params: Json) -> None:
    details = params.get("cancellation_details")
    if details:
        before = subscription.get("cancellation_details") or {}
        subscription["cancellation_details"] = {**before, **pick(details, "comment", "feedback")}
    if "trial_settings" in params:
        subscription["trial_settings"] = params["trial_settings"]
    if "payment_settings" in params:
        subscription["payment_settings"] = {**subscription["payment_settings"], **params["payment_settings"]}


def _apply_cancellation(world: World, subscription: Json, params: Json) -> None:
    if "cancel_at_period_end" in params and params.get("cancel_at"):
        raise invalid(
            "You cannot set `cancel_at` and `cancel_at_period_end` at the same time.", param="cancel_at"
        )
    if params.get("cancel_at_period_end"):
        _plan_end(world, subscription, period_of(subscription)[1], at_period_end=True)
    elif params.get("cancel_at"):
        _plan_end(world, subscription, _end_instant(subscription, params["cancel_at"]), at_period_end=False)
        world.schedule(subscription["cancel_at"], "subscription_cancel", subscription["id"])
    elif "cancel_at" in params or "cancel_at_period_end" in params:
        world.unschedule(subscription["id"], "subscription_cancel")
        details = subscription.get("cancellation_details") or {}
        subscription |= {
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": {**details, "reason": None},
        }


def _end_instant(subscription: Json, wanted: Any) -> int:
    if wanted in {"min_period_end", "max_period_end"}:
        return period_of(subscription)[1]
    return int(wanted)


def _plan_end(world: World, subscription: Json, at: int, *, at_period_end: bool) -> None:
    if at <= world.now():
        raise invalid("The cancel_at timestamp must be in the future.", param="cancel_at")
    world.unschedule(subscription["id"], "subscription_cancel")
    details = subscription.get("cancellation_details") or {}
    subscription |= {
        "cancel_at": at,
        "cancel_at_period_end": at_period_end,
        "canceled_at": world.now(),
        "cancellation_details": {**details, "reason": "cancellation_requested"},
    }


def _apply_pause(world: World, subscription: Json, params: Json) -> None:
    if "pause_collection" not in params:
        return
    world.unschedule(subscription["id"], "subscription_resume")
    pause = params["pause_collection"] or None
    subscription["pause_collection"] = pause
    if pause and pause.get("resumes_at"):
        if pause["resumes_at"] <= world.now():
            raise invalid("resumes_at must be in the future.", param="pause_collection[resumes_at]")
        world.schedule(pause["resumes_at"], "subscription_resume", subscription["id"])


def _apply_items(world: World, subscription: Json, params: Json) -> bool:
    """Change items; whether billing restarts because the interval changed."""
    if not params.get("items"):
        return False
    old_prices = prices_of(world, subscription)
    old_items = [dict(item) for item in subscription["items"]["data"]]
    for number, given in enumerate(params["items"]):
        _apply_item(world, subscription, given, f"items[{number}]")
    if not subscription["items"]["data"]:
        raise invalid(NO_ITEMS, param="items")
    new_prices = prices_of(world, subscription)
    _check_new_prices(subscription, new_prices)
    behavior = params.get("proration_behavior", "create_prorations")
    restarted = _intervals(old_prices) != _intervals(new_prices)
    if behavior != "none" and subscription["status"] != "trialing":
        if restarted:
            credit_unused(world, subscription, old_items)
        else:
            prorate(world, subscription, old_items)
    if restarted:
        start_period(subscription, new_prices, world.now(), anchor=world.now())
    return restarted


def _apply_item(world: World, subscription: Json, given: Json, where: str) -> None:
    items = subscription["items"]["data"]
    found = next((item for item in items if item["id"] == given.get("id")), None)
    if given.get("id") and found is None:
        raise invalid(
            f"No such subscription item: '{given['id']}'", param=f"{where}[id]", code="resource_missing"
        )
    if given.get("deleted") and found:
        items.remove(found)
        return
    price = _price(world, given, where)
    if found is None:
        if price is None:
            raise missing_param(f"{where}[price]")
        items.append(_added_item(world, subscription, price, given))
        return
    found |= pick(given, "quantity")
    if price:
        found["price"] = price["id"]
    found["metadata"] = merged(found["metadata"], given.get("metadata"))


def _price(world: World, given: Json, where: str) -> Json | None:
    if "price_data" in given:
        return inline_price(world, given["price_data"], prefix=f"{where}[price_data]")
    if "price" in given:
        return world.get("price", given["price"], param=f"{where}[price]")
    return None


def _added_item(world: World, subscription: Json, price: Json, given: Json) -> Json:
    first = subscription["items"]["data"][0]
    return {
        **first,
        "id": new_id("subscription_item"),
        "created": world.now(),
        "metadata": merged({}, given.get("metadata")),
        "price": price["id"],
        "quantity": given.get("quantity", 1),
    }


def _check_new_prices(subscription: Json, prices: dict[str, Json]) -> None:
    for price in prices.values():
        if price["type"] != "recurring":
            raise invalid(
                "The price specified is set to `type=one_time` but this field only accepts prices with "
                "`type=recurring`.",
                param="items",
            )
        if price["currency"] != subscription["currency"]:
            raise invalid(
                f"The price specified only supports `{price['currency']}`. This doesn't match the expected "
                f"currency: `{subscription['currency']}`.",
                param="items",
            )


def _intervals(prices: dict[str, Json]) -> set[tuple[str, int]]:
    return {
        (price["recurring"]["interval"], price["recurring"]["interval_count"]) for price in prices.values()
    }


def _apply_trial(world: World, subscription: Json, params: Json) -> bool:
    """Begin, move or end a trial; whether an invoice tells of it at once: of nothing, where one begins."""
    wanted = params.get("trial_end")
    if not wanted:
        return False
    if wanted == "now":
        if subscription["status"] != "trialing":
            return False
        world.emit("customer.subscription.trial_will_end", subscription)
        world.unschedule(subscription["id"], NOTICE)
        subscription["trial_end"] = world.now()
        if not may_leave_trial(world, subscription):
            return False
        subscription["status"] = "active"
        start_period(subscription, prices_of(world, subscription), world.now(), anchor=world.now())
        return True
    if wanted <= world.now():
        raise invalid(
            "Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end"
        )
    if wanted > add_months(world.now(), LONGEST_TRIAL_MONTHS):
        raise invalid("Invalid timestamp: can be no more than two years in the future.", param="trial_end")
    begins = bool(subscription["status"] != "trialing")
    subscription |= {
        "billing_cycle_anchor": wanted,
        "status": "trialing",
        "trial_end": wanted,
        "trial_start": subscription.get("trial_start") or world.now(),
    }
    for item in subscription["items"]["data"]:
        item |= {"current_period_end": wanted, "current_period_start": world.now()}
    schedule_cycle(world, subscription)
    world.unschedule(subscription["id"], NOTICE)
    world.schedule(max(wanted - TRIAL_NOTICE_SECONDS, world.now()), NOTICE, subscription["id"])
    return begins


def _apply_anchor(world: World, subscription: Json, params: Json) -> bool:
    if (params.get("billing_cycle_anchor") or {}).get("type") != "now":
        return False
    if params.get("proration_behavior") != "none" and subscription["status"] != "trialing":
        credit_unused(world, subscription, [dict(item) for item in subscription["items"]["data"]])
    subscription.pop("_stub", None)
    if subscription["status"] == "trialing":
        subscription |= {"status": "active", "trial_end": world.now()}
    start_period(subscription, prices_of(world, subscription), world.now(), anchor=world.now())
    return True


def _collect_now(world: World, subscription: Json, invoice: Json) -> None:
    if invoice["collection_method"] == "send_invoice":
        let_advance(world, invoice)
        return
    finalize(world, invoice)
    if invoice["status"] == "open":
        method = method_for(world, invoice, subscription)
        collect(world, invoice, method, Attempt(off_session=True, for_invoice=True, scheduled=True))
