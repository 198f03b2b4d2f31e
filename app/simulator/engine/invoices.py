"""Invoices: draft, open, paid, void, uncollectible; and the payments they ask for."""

from typing import Any

from app.simulator.engine.customer_balance import apply_to_invoice, give_back
from app.simulator.engine.errors import invalid
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.methods import find_method
from app.simulator.engine.payments import Attempt, confirm, new_intent
from app.simulator.engine.world import World

Json = dict[str, Any]
DRAFT_SECONDS = 3600
DAY_SECONDS = 86400
RETRY_DAYS = (3, 5, 7)
DUE_DAYS = 30
LONGEST_WAIT_SECONDS = 72 * 3600
PROCESSING = "This invoice has a payment that is still processing."
DESCRIPTIONS = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


def finalize(world: World, invoice: Json) -> Json:
    """Open a draft: it gets its number and the payment it asks for; nothing due is paid at once.

    Raises: StripeError: it is no draft.
    """
    if invoice["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    world.unschedule(invoice["id"], "invoice_finalize")
    secret = random_text(40)
    invoice |= {
        "automatically_finalizes_at": None,
        "effective_at": invoice.get("effective_at") or world.now(),
        "hosted_invoice_url": f"{world.base_url}/invoices/{invoice['id']}/{secret}",
        "number": invoice.get("number") or _next_number(world, invoice["customer"]),
        "status": "open",
    }
    invoice["status_transitions"] = {**invoice["status_transitions"], "finalized_at": world.now()}
    if invoice["collection_method"] == "send_invoice" and not invoice.get("due_date"):
        days = invoice.get("_days_until_due")
        invoice["due_date"] = world.now() + (DUE_DAYS if days is None else days) * DAY_SECONDS
    apply_to_invoice(world, invoice)
    if invoice["amount_due"] > 0:
        request_payment(world, invoice)
    world.save(invoice, "invoice.updated", "invoice.finalized")
    return invoice if invoice["amount_due"] > 0 else settle_invoice(world, invoice)


def request_payment(world: World, invoice: Json) -> Json:
    """Give an open invoice its default payment, with a payment intent to be paid."""
    intent = new_intent(
        world,
        amount=invoice["amount_remaining"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description=DESCRIPTIONS.get(invoice["billing_reason"], "Payment for Invoice"),
        payment_details={"order_reference": invoice["id"]},
        receipt_email=None,
        setup_future_usage="off_session" if invoice["billing_reason"] == "subscription_create" else None,
    )
    world.create(intent, "payment_intent.created")
    invoice["_confirmation_secret"] = {"client_secret": intent["client_secret"], "type": "payment_intent"}
    return world.create(
        {
            "id": new_id("invoice_payment"),
            "object": "invoice_payment",
            "amount_requested": intent["amount"],
            "created": world.now(),
            "currency": intent["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {},
        }
    )


def default_payment(world: World, invoice: Json) -> Json | None:
    """The payment an open invoice asks for, or None when nothing is due."""
    payments = world.store.linked("invoice_payment", "invoice", invoice["id"])
    return next((one for one in reversed(payments) if one["is_default"]), None)


def intent_of(world: World, invoice: Json) -> Json | None:
    """The payment intent of an invoice's default payment."""
    payment = default_payment(world, invoice)
    return world.get("payment_intent", payment["payment"]["payment_intent"]) if payment else None


def collect(world: World, invoice: Json, method: Json | None, attempt: Attempt) -> Json:
    """Try to take the payment of an open invoice; its status says how it went."""
    intent = intent_of(world, invoice)
    if intent is None:
        return settle_invoice(world, invoice)
    if intent["status"] == "processing":
        raise invalid(PROCESSING, code="payment_intent_unexpected_state")
    invoice["attempted"] = True
    if method is None:
        return _failed(world, invoice, attempt)
    intent = confirm(world, intent, method, attempt)
    if intent["status"] == "succeeded":
        return settle_invoice(world, invoice)
    if intent["status"] == "processing":
        world.save(invoice, "invoice.updated")
        world.jobs["subscription_processing"](world, invoice["id"])
        return invoice
    if intent["status"] == "requires_action":
        world.save(invoice)
        world.emit("invoice.payment_action_required", invoice)
    return _failed(world, invoice, attempt)


def settle_invoice(world: World, invoice: Json) -> Json:
    """Mark an open invoice as paid, with its payment."""
    world.unschedule(invoice["id"], "invoice_retry")
    payment = default_payment(world, invoice)
    taken = payment is not None and payment["status"] == "open"
    if payment and taken:
        payment |= {"amount_paid": payment["amount_requested"], "status": "paid"}
        payment["status_transitions"] = {"paid_at": world.now()}
        world.save(payment, "invoice_payment.paid")
    invoice |= {
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempt_count": invoice["attempt_count"] + (1 if taken else 0),
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
    }
    invoice["status_transitions"] = {**invoice["status_transitions"], "paid_at": world.now()}
    world.save(invoice, "invoice.updated", "invoice.paid", "invoice.payment_succeeded")
    _tell_subscription(world, invoice, paid=True)
    return invoice


def lower_amount(world: World, invoice: Json, amount: int) -> Json:
    """Ask for less on an open invoice; nothing left to ask for is paid."""
    if amount < invoice["amount_remaining"]:
        return raise_amount(world, invoice, -amount)
    invoice |= {"amount_due": 0, "amount_remaining": 0}
    _cancel_payment(world, invoice)
    return settle_invoice(world, invoice)


def raise_amount(world: World, invoice: Json, amount: int) -> Json:
    """Ask for more on an open invoice."""
    invoice["amount_due"] += amount
    invoice["amount_remaining"] += amount
    payment = default_payment(world, invoice)
    if payment:
        payment["amount_requested"] = invoice["amount_remaining"]
        world.save(payment)
        intent = world.get("payment_intent", payment["payment"]["payment_intent"])
        intent["amount"] = invoice["amount_remaining"]
        world.save(intent)
    return world.save(invoice, "invoice.updated")


def void(world: World, invoice: Json) -> Json:
    """Void an open or uncollectible invoice. Raises: StripeError: it is neither."""
    if invoice["status"] not in {"open", "uncollectible"}:
        raise invalid(
            "You can only pass in open or uncollectible invoices. This invoice isn't open or uncollectible."
        )
    if is_processing(world, invoice):
        raise invalid(PROCESSING, code="payment_intent_unexpected_state")
    return _close(world, invoice, "void", "voided_at", "invoice.voided")


def mark_uncollectible(world: World, invoice: Json) -> Json:
    """Give up on an open invoice. Raises: StripeError: it is not open."""
    if invoice["status"] not in {"open", "draft"}:
        raise invalid("You can only pass in open invoices. This invoice isn't open.")
    invoice["status_details"] = {"uncollectible": {"reason": "user_forgiven"}}
    return _close(world, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


def _close(world: World, invoice: Json, status: str, at_field: str, event: str) -> Json:
    world.unschedule(invoice["id"])
    invoice |= {"auto_advance": False, "next_payment_attempt": None, "status": status}
    invoice["status_transitions"] = {**invoice["status_transitions"], at_field: world.now()}
    if status == "void":
        invoice["amount_remaining"] = invoice["amount_due"]
        _cancel_payment(world, invoice)
        give_back(world, invoice)
    world.save(invoice, "invoice.updated", event)
    return invoice


def _cancel_payment(world: World, invoice: Json) -> None:
    payment = default_payment(world, invoice)
    if payment is None or payment["status"] != "open":
        return
    payment |= {"status": "canceled", "status_transitions": {"canceled_at": world.now()}}
    world.save(payment)
    intent = world.get("payment_intent", payment["payment"]["payment_intent"])
    intent |= {
        "canceled_at": world.now(),
        "cancellation_reason": "void_invoice",
        "next_action": None,
        "status": "canceled",
    }
    world.save(intent, "payment_intent.canceled")


def method_for(world: World, invoice: Json, subscription: Json | None) -> Json | None:
    """The payment method an invoice is charged to, by Stripe's order of precedence."""
    customer = world.get("customer", invoice["customer"])
    settings = customer.get("invoice_settings") or {}
    choices = [
        invoice.get("default_payment_method"),
        (subscription or {}).get("default_payment_method"),
        settings.get("default_payment_method"),
    ]
    chosen = next((choice for choice in choices if choice), None)
    return find_method(world, chosen) if chosen else None


def subscription_of(world: World, invoice: Json) -> Json | None:
    """The subscription an invoice belongs to."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    found = details.get("subscription")
    return world.get("subscription", found) if found else None


def run_finalize(world: World, ref: str) -> None:
    """A draft's hour is over: open it and take its payment."""
    invoice = world.store.find(ref)
    if invoice is None or invoice["status"] != "draft" or not invoice["auto_advance"]:
        return
    if _waits_for_acknowledgement(world, invoice):
        world.schedule(world.now() + DRAFT_SECONDS, "invoice_finalize", ref)
        return
    finalize(world, invoice)
    if invoice["status"] != "open":
        return
    if invoice["collection_method"] == "charge_automatically":
        _collect_off_session(world, invoice)
    else:
        send(world, invoice)


def send(world: World, invoice: Json) -> Json:
    """Send an open invoice to whoever has to pay it by its due date."""
    world.emit("invoice.sent", invoice)
    if invoice["due_date"] > world.now() and not world.is_due(invoice["id"], "invoice_due"):
        world.schedule(invoice["due_date"], "invoice_due", invoice["id"])
    return invoice


def _waits_for_acknowledgement(world: World, invoice: Json) -> bool:
    """Whether an endpoint has yet to take `invoice.created`, where the account waits for that."""
    if not world.store.read_meta("wait_for_invoice_created"):
        return False
    if not invoice.get("parent") or world.now() - invoice["created"] >= LONGEST_WAIT_SECONDS:
        return False
    told = world.store.linked("event", "data.object.id", invoice["id"])
    created = next((event["id"] for event in told if event["type"] == "invoice.created"), "")
    return world.store.undelivered(created)


def run_retry(world: World, ref: str) -> None:
    """A failed renewal is tried again."""
    invoice = world.store.find(ref)
    if invoice is not None and invoice["status"] == "open" and not is_processing(world, invoice):
        _collect_off_session(world, invoice)


def run_answered(world: World, payment: Json, intent: Json) -> None:
    """The bank has answered a debit that an invoice was waiting for."""
    invoice = world.get("invoice", payment["invoice"])
    if invoice["status"] not in {"open", "uncollectible"}:
        return
    if intent["status"] == "succeeded":
        settle_invoice(world, invoice)
    else:
        _failed(world, invoice, Attempt(off_session=True), retried=True)


def is_processing(world: World, invoice: Json) -> bool:
    """Whether a bank has yet to answer the invoice's payment."""
    intent = intent_of(world, invoice)
    return intent is not None and intent["status"] == "processing"


def _collect_off_session(world: World, invoice: Json) -> None:
    method = method_for(world, invoice, subscription_of(world, invoice))
    collect(world, invoice, method, Attempt(off_session=True, for_invoice=True, scheduled=True))


def _failed(world: World, invoice: Json, attempt: Attempt, *, retried: bool = False) -> Json:
    # As at Stripe: any try counts as the first, and then only those of the retry schedule.
    if retried or attempt.scheduled or not invoice["attempt_count"]:
        invoice["attempt_count"] += 1
    if retried or (attempt.scheduled and invoice["billing_reason"] != "subscription_create"):
        _plan_retry(world, invoice)
    world.save(invoice, "invoice.updated")
    world.emit("invoice.payment_failed", invoice)
    _tell_subscription(world, invoice, paid=False)
    return invoice


def _plan_retry(world: World, invoice: Json) -> None:
    retries = invoice["attempt_count"] - 1
    invoice["next_payment_attempt"] = None
    # A bank may say no after the customer was deleted: then nobody is asked again.
    if retries < len(RETRY_DAYS) and world.store.find(invoice["customer"]):
        invoice["next_payment_attempt"] = world.now() + RETRY_DAYS[retries] * DAY_SECONDS
        world.schedule(invoice["next_payment_attempt"], "invoice_retry", invoice["id"])


def _tell_subscription(world: World, invoice: Json, *, paid: bool) -> None:
    subscription = subscription_of(world, invoice)
    if subscription is not None:
        job = "subscription_paid" if paid else "subscription_unpaid"
        world.jobs[job](world, invoice["id"])


def _next_number(world: World, customer_id: str) -> str:
    customer = world.get("customer", customer_id)
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    world.save(customer)
    return f"{customer['invoice_prefix']}-{sequence:04d}"
