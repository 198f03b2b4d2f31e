"""Renewals: a period ends, a trial ends, a draft waits its hour."""

from typing import Any

from app.simulator.engine.drafts import draft_of
from app.simulator.engine.invoices import finalize, void
from app.simulator.engine.invoices import mark_uncollectible as mark_invoice_uncollectible
from app.simulator.engine.methods import default_method
from app.simulator.engine.subscriptions import (
    LIVE_STATUSES,
    advance_fields,
    bill,
    end,
    invoice_lines,
    pending_lines,
    period_of,
    prices_of,
    schedule_cycle,
    start_period,
    terms_of,
)
from app.simulator.engine.world import World

Json = dict[str, Any]


def run_cycle(world: World, ref: str) -> None:
    """A period is over: renew the subscription, or end it where that was asked for."""
    subscription = world.get("subscription", ref)
    ends_at = subscription.get("cancel_at")
    if ends_at and ends_at <= world.now():
        end(world, subscription, reason="cancellation_requested")
        return
    if subscription["status"] not in LIVE_STATUSES:
        return
    if subscription["status"] == "trialing" and not may_leave_trial(world, subscription):
        return
    before = period_of(subscription)
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    subscription.pop("_stub", None)
    start_period(subscription, prices_of(world, subscription), before[1])
    paused = (subscription.get("pause_collection") or {}).get("behavior")
    advances = subscription["status"] != "unpaid" and paused is None
    invoice = bill(world, subscription, reason="subscription_cycle", period=before, advances=advances)
    world.save(subscription, "customer.subscription.updated")
    schedule_cycle(world, subscription)
    if subscription["status"] != "unpaid" and paused in {"void", "mark_uncollectible"}:
        _take_nothing(world, invoice, paused)


def run_upcoming(world: World, ref: str) -> None:
    """Some days are left until a renewal: say what it will be."""
    subscription = world.get("subscription", ref)
    if subscription["status"] in LIVE_STATUSES and not subscription["cancel_at_period_end"]:
        world.emit("invoice.upcoming", upcoming(world, subscription))


def upcoming(world: World, subscription: Json) -> Json:
    """The invoice the next renewal will make, as far as it is known today; it is not stored."""
    start, end_of_period = period_of(subscription)
    ahead = {**subscription, "status": "active", "items": {**subscription["items"], "data": []}}
    ahead["items"]["data"] = [dict(item) for item in subscription["items"]["data"]]
    ahead.pop("_stub", None)
    start_period(ahead, prices_of(world, subscription), end_of_period)
    lines = [*pending_lines(world, subscription), *invoice_lines(world, ahead)]
    invoice = draft_of(world, terms_of(world, ahead, "upcoming", (start, end_of_period)), lines)
    invoice["id"] = f"upcoming_{invoice['id']}"
    return invoice


def may_leave_trial(world: World, subscription: Json) -> bool:
    """Whether there is something to charge, or the trial may end without."""
    customer = world.get("customer", subscription["customer"])
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    manual = subscription["collection_method"] != "charge_automatically"
    if manual or behavior == "create_invoice" or default_method(subscription, customer):
        return True
    if behavior == "cancel":
        end(world, subscription, reason=None)
    else:
        pause(world, subscription, why="trial_end_without_payment_method")
    return False


def pause(world: World, subscription: Json, *, why: str) -> Json:
    """Stop billing until somebody resumes the subscription."""
    world.unschedule(subscription["id"])
    paused = {"subscription": {"type": why}, "transitioned_at": world.now(), "type": "subscription"}
    subscription |= {"status": "paused", "status_details": {"paused": paused}}
    return world.save(subscription, "customer.subscription.updated", "customer.subscription.paused")


def _take_nothing(world: World, invoice: Json, behavior: str) -> None:
    """Open and close an invoice of a subscription whose collection is paused."""
    finalize(world, invoice)
    if invoice["status"] == "open":
        (void if behavior == "void" else mark_invoice_uncollectible)(world, invoice)


def let_advance(world: World, invoice: Json) -> Json:
    """Have a draft opened, and charged or sent, when its hour is over."""
    invoice |= advance_fields(world, invoice["collection_method"])
    world.save(invoice)
    world.schedule(invoice["automatically_finalizes_at"], "invoice_finalize", invoice["id"])
    return invoice


JOBS = {"subscription_cycle": run_cycle, "subscription_upcoming": run_upcoming}
