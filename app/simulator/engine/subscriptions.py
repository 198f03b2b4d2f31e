"""Subscriptions: their periods, renewals, failures and ends."""

from typing import Any

from app.simulator.engine.calendar import period_end
from app.simulator.engine.drafts import Terms, new_draft
from app.simulator.engine.invoices import DRAFT_SECONDS, intent_of, subscription_of, void
from app.simulator.engine.lines import item_line, period_line, subscription_of_item
from app.simulator.engine.world import World

Json = dict[str, Any]
INCOMPLETE_SECONDS = 23 * 3600
DAY_SECONDS = 86400
TRIAL_NOTICE_SECONDS = 3 * DAY_SECONDS
LIVE_STATUSES = {"active", "past_due", "trialing", "unpaid", "paused"}


def invoice_lines(world: World, subscription: Json) -> list[Json]:
    """One line per item for its current period."""
    return [period_line(world, subscription, item) for item in subscription["items"]["data"]]


def bill(
    world: World,
    subscription: Json,
    *,
    reason: str,
    period: tuple[int, int],
    lines: list[Json] | None = None,
    advances: bool = False,
) -> Json:
    """Draft an invoice for the current period, pending invoice items included.

    Args: lines: what is on it instead; advances: whether it opens by itself when its hour is over.
    """
    if lines is None:
        lines = [*pending_lines(world, subscription), *invoice_lines(world, subscription)]
    terms = terms_of(world, subscription, reason, period)
    if advances:
        terms.fields.update(advance_fields(world, subscription["collection_method"]))
    invoice = new_draft(world, terms, lines)
    if advances:
        world.schedule(invoice["automatically_finalizes_at"], "invoice_finalize", invoice["id"])
    for line in lines:
        details = line["parent"].get("invoice_item_details")
        if details:
            claim_item(world, details["invoice_item"], invoice)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def advance_fields(world: World, collection_method: str) -> Json:
    """What a draft says that opens by itself when its hour is over."""
    at = world.now() + DRAFT_SECONDS
    return {
        "auto_advance": True,
        "automatically_finalizes_at": at,
        "next_payment_attempt": at if collection_method == "charge_automatically" else None,
    }


def terms_of(world: World, subscription: Json, reason: str, period: tuple[int, int]) -> Terms:
    """What an invoice of a subscription is made of."""
    customer = world.get("customer", subscription["customer"])
    return Terms(customer, subscription["currency"], reason, period, _invoice_fields(subscription))


def claim_item(world: World, item_id: str, invoice: Json) -> None:
    """Put a pending invoice item on an invoice."""
    item = world.get("invoiceitem", item_id)
    item["invoice"] = invoice["id"]
    world.save(item)


def pending_lines(world: World, subscription: Json) -> list[Json]:
    """Lines for the invoice items that wait for this subscription's next invoice."""
    waiting = world.store.linked("invoiceitem", "waiting", subscription["customer"])
    return [
        item_line(item)
        for item in waiting
        if subscription_of_item(item) in {None, subscription["id"]}
        and item["currency"] == subscription["currency"]
    ]


def start_period(
    subscription: Json, prices: dict[str, Json], start: int, *, anchor: int | None = None
) -> None:
    """Give every item the period that begins at `start`, by its own price's interval."""
    subscription["billing_cycle_anchor"] = subscription["billing_cycle_anchor"] if anchor is None else anchor
    for item in subscription["items"]["data"]:
        recurring = prices[item["price"]]["recurring"]
        item["current_period_start"] = start
        item["current_period_end"] = period_end(
            subscription["billing_cycle_anchor"], start, recurring["interval"], recurring["interval_count"]
        )


def prices_of(world: World, subscription: Json) -> dict[str, Json]:
    """The prices a subscription's items have, by id."""
    return {item["price"]: world.get("price", item["price"]) for item in subscription["items"]["data"]}


def period_of(subscription: Json) -> tuple[int, int]:
    """Start and end of the current period."""
    item = subscription["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def schedule_cycle(world: World, subscription: Json) -> None:
    """Have the subscription renewed when its period ends."""
    world.unschedule(subscription["id"], "subscription_cycle", "subscription_upcoming")
    at = period_of(subscription)[1]
    world.schedule(at, "subscription_cycle", subscription["id"])
    days = world.store.read_meta("invoice_upcoming_days") or 0
    if days and at - days * DAY_SECONDS > world.now():
        world.schedule(at - days * DAY_SECONDS, "subscription_upcoming", subscription["id"])


def end(world: World, subscription: Json, *, reason: str | None) -> Json:
    """End a subscription now."""
    world.unschedule(subscription["id"])
    details = subscription.get("cancellation_details") or {}
    subscription |= {
        "canceled_at": subscription.get("canceled_at") or world.now(),
        "cancellation_details": {**details, "reason": details.get("reason") or reason},
        "ended_at": world.now(),
        "status": "canceled",
    }
    world.save(subscription, "customer.subscription.deleted")
    for invoice in world.store.linked("invoice", "unsettled", subscription["id"]):
        world.unschedule(invoice["id"])
        invoice |= {"auto_advance": False, "next_payment_attempt": None}
        world.save(invoice, "invoice.updated")
    return subscription


def run_incomplete_expire(world: World, ref: str) -> None:
    """The first payment did not come within 23 hours."""
    subscription = world.get("subscription", ref)
    if subscription["status"] != "incomplete":
        return
    world.unschedule(ref)
    subscription |= {"ended_at": world.now(), "status": "incomplete_expired"}
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        void(world, invoice)
    world.save(subscription, "customer.subscription.updated")


def run_cancel(world: World, ref: str) -> None:
    """`cancel_at` has come."""
    subscription = world.get("subscription", ref)
    if subscription["status"] not in {"canceled", "incomplete_expired"}:
        end(world, subscription, reason="cancellation_requested")


def run_trial_notice(world: World, ref: str) -> None:
    """Three days of trial are left."""
    subscription = world.get("subscription", ref)
    if subscription["status"] == "trialing":
        world.emit("customer.subscription.trial_will_end", subscription)


def run_resume(world: World, ref: str) -> None:
    """`pause_collection[resumes_at]` has come."""
    subscription = world.get("subscription", ref)
    if subscription.get("pause_collection"):
        subscription["pause_collection"] = None
        world.save(subscription, "customer.subscription.updated")


def on_invoice_paid(world: World, ref: str) -> None:
    """An invoice was paid: its subscription is active, or active again."""
    invoice = world.get("invoice", ref)
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] in {"incomplete", "past_due", "unpaid"}:
        world.unschedule(subscription["id"], "subscription_incomplete_expire")
        subscription["status"] = "active"
        _keep_method(world, subscription, invoice)
        world.save(subscription, "customer.subscription.updated")
    elif subscription["status"] == "paused" and subscription.get("_resuming"):
        wake(world, subscription)
    _set_delinquent(world, subscription["customer"], delinquent=False)


def wake(world: World, subscription: Json) -> Json:
    """A paused subscription is active again."""
    subscription |= {"status": "active", "status_details": None, "_resuming": None}
    schedule_cycle(world, subscription)
    return world.save(subscription, "customer.subscription.updated", "customer.subscription.resumed")


def _keep_method(world: World, subscription: Json, invoice: Json) -> None:
    """Charge from now on what paid first, where the subscription was told to."""
    keeps = subscription["payment_settings"].get("save_default_payment_method") == "on_subscription"
    intent = intent_of(world, invoice)
    if keeps and intent and not subscription.get("default_payment_method"):
        subscription["default_payment_method"] = intent["payment_method"]


def run_due(world: World, ref: str) -> None:
    """The day is over by which an invoice that was sent had to be paid."""
    invoice = world.store.find(ref)
    if invoice is not None and invoice["status"] == "open":
        world.emit("invoice.overdue", invoice)
        on_invoice_failed(world, ref)


def on_invoice_processing(world: World, ref: str) -> None:
    """A bank was asked for the first payment: the subscription is active while it answers."""
    subscription = subscription_of(world, world.get("invoice", ref))
    if subscription is not None and subscription["status"] == "incomplete":
        world.unschedule(subscription["id"], "subscription_incomplete_expire")
        subscription["status"] = "active"
        world.save(subscription, "customer.subscription.updated")


def on_invoice_failed(world: World, ref: str) -> None:
    """A payment failed: past due by the latest invoice, and after any's last retry what the account says."""
    invoice = world.get("invoice", ref)
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["status"] not in {"active", "past_due", "trialing"}:
        return
    _set_delinquent(world, subscription["customer"], delinquent=True)
    if subscription["status"] != "past_due" and subscription["latest_invoice"] == invoice["id"]:
        subscription["status"] = "past_due"
        world.save(subscription, "customer.subscription.updated")
    if invoice.get("next_payment_attempt") is None and invoice["attempt_count"] > 1:
        _give_up(world, subscription)


def _give_up(world: World, subscription: Json) -> None:
    outcome = world.store.read_meta("after_last_retry") or "cancel"
    if outcome == "cancel":
        end(world, subscription, reason="payment_failed")
    elif outcome == "unpaid":
        subscription["status"] = "unpaid"
        world.save(subscription, "customer.subscription.updated")


def _set_delinquent(world: World, customer_id: str, *, delinquent: bool) -> None:
    customer = world.store.find(customer_id)
    if customer is not None and customer["delinquent"] != delinquent:
        customer["delinquent"] = delinquent
        world.save(customer, "customer.updated")


def _invoice_fields(subscription: Json) -> Json:
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return {
        "collection_method": subscription["collection_method"],
        "description": subscription.get("description"),
        "_days_until_due": subscription.get("days_until_due"),
        "parent": {"subscription_details": details, "type": "subscription_details"},
    }
