"""Turns Stripe's objects into snapshots."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel.clock import from_timestamp, last_of_month
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.errors import UnsupportedShape
from app.stripe_gateway.fields import id_of
from app.stripe_gateway.money_reading import find_transaction
from app.stripe_gateway.snapshots import (
    CheckoutSnapshot,
    CustomerSnapshot,
    InvoiceSnapshot,
    MethodSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
)

if TYPE_CHECKING:
    import stripe
    from stripe import checkout

PLEDGE_KEY = "pledge"
ASK_KEY = "ask"
RECEIPT_KEY = "receipt"
NOTE_KEY = "credit_note"
"""The keys we write into Stripe's metadata: each holds an id or a number of ours and nothing else."""


def read_checkout(session: "checkout.Session") -> CheckoutSnapshot:
    """Read a session retrieved with `invoice.payments` expanded."""
    return CheckoutSnapshot(
        id=session.id,
        status=session.status or "open",
        payment_status=session.payment_status,
        url=session.url,
        expires_at=from_timestamp(session.expires_at),
        pledge_id=pledge_id_of(session.metadata),
        customer_id=id_of(session.customer),
        subscription_id=id_of(session.subscription),
        invoice_id=id_of(session.invoice),
        payment_intent_ids=tuple(_payment_intents(session)),
    )


def _payment_intents(session: "checkout.Session") -> Iterable[str]:
    own = id_of(session.payment_intent)
    if own:
        yield own
    invoice = session.invoice
    if invoice is not None and not isinstance(invoice, str):
        yield from _intents_of(invoice)


def _intents_of(invoice: "stripe.Invoice") -> Iterable[str]:
    """Yield the payment intents of an invoice retrieved with `payments` expanded."""
    payments = getattr(invoice, "payments", None)
    for paid in payments.data if payments else ():
        intent = id_of(paid.payment.payment_intent)
        if intent:
            yield intent


def read_subscription(subscription: "stripe.Subscription") -> SubscriptionSnapshot:
    """Read a subscription.

    Raises: UnsupportedShape: not exactly one item with a monthly or yearly fixed price.
    """
    item, amount, interval = only_item(subscription)
    details, pause = subscription.cancellation_details, subscription.pause_collection
    return SubscriptionSnapshot(
        id=subscription.id,
        status=subscription.status,
        customer_id=id_of(subscription.customer) or "",
        pledge_id=pledge_id_of(subscription.metadata),
        amount=amount,
        interval=interval,
        started_at=from_timestamp(subscription.start_date),
        current_period_start=from_timestamp(item.current_period_start),
        current_period_end=from_timestamp(item.current_period_end),
        anchor_at=_instant(subscription.billing_cycle_anchor),
        cancel_at=_instant(subscription.cancel_at),
        canceled_at=_instant(subscription.canceled_at),
        ended_at=_instant(subscription.ended_at),
        cancellation_reason=details.reason if details else None,
        cancellation_feedback=details.feedback if details else None,
        trial_end=_instant(subscription.trial_end),
        pause_behavior=pause.behavior if pause else None,
        paused_until=_instant(pause.resumes_at) if pause else None,
        method=read_method(_charged_method(subscription)),
        ask_id=uuid_in(subscription.metadata, ASK_KEY),
    )


def only_item(subscription: "stripe.Subscription") -> "tuple[stripe.SubscriptionItem, Money, Interval]":
    """Return the one item of a subscription, and what it is charged how often. Raises: UnsupportedShape."""
    items = subscription.items.data
    if len(items) != 1:
        raise UnsupportedShape(f"subscription with {len(items)} items")
    price = items[0].price
    if price.unit_amount is None or price.recurring is None or price.recurring.interval_count != 1:
        raise UnsupportedShape("price without a fixed amount for one interval")
    if price.recurring.interval not in (Interval.month, Interval.year):
        raise UnsupportedShape(f"price by the {price.recurring.interval}")
    amount = Money(price.unit_amount * (items[0].quantity or 1), price.currency)
    return items[0], amount, Interval(price.recurring.interval)


def _charged_method(subscription: "stripe.Subscription") -> "stripe.PaymentMethod | None":
    """Return what a renewal is charged to: the subscription's own method goes before the customer's."""
    customer = subscription.customer
    settings = None if isinstance(customer, str) else getattr(customer, "invoice_settings", None)
    named = subscription.default_payment_method or (settings.default_payment_method if settings else None)
    return None if isinstance(named, str) else named


def read_method(method: "stripe.PaymentMethod | None") -> MethodSnapshot | None:
    """Read an expanded payment method."""
    if method is None:
        return None
    card = getattr(method, "card", None)
    if card:
        expires_on = last_of_month(date(card.exp_year, card.exp_month, 1))
        return MethodSnapshot(kind=card.brand, last4=card.last4, expires_on=expires_on)
    kind = getattr(method, method.type, None)
    return MethodSnapshot(kind=method.type, last4=getattr(kind, "last4", None), expires_on=None)


def read_customer(customer: "stripe.Customer") -> CustomerSnapshot:
    """Read a customer, deleted or not."""
    deleted = bool(getattr(customer, "deleted", False))
    address = None if deleted else getattr(customer, "email", None)
    return CustomerSnapshot(id=customer.id, deleted=deleted, address=address)


def read_invoice(invoice: "stripe.Invoice") -> InvoiceSnapshot:
    """Read an invoice."""
    details = invoice.parent.subscription_details if invoice.parent else None
    period = invoice.lines.data[0].period if invoice.lines.data else None
    return InvoiceSnapshot(
        id=invoice.id,
        status=invoice.status or "draft",
        customer_id=id_of(invoice.customer),
        subscription_id=id_of(details.subscription) if details else None,
        pledge_id=pledge_id_of(details.metadata) if details else None,
        billing_reason=invoice.billing_reason,
        amount_due=Money(invoice.amount_due, invoice.currency),
        amount_paid=Money(invoice.amount_paid, invoice.currency),
        period_start=from_timestamp(period.start if period else invoice.period_start),
        period_end=from_timestamp(period.end if period else invoice.period_end),
        attempt_count=invoice.attempt_count,
        next_attempt_at=_instant(invoice.next_payment_attempt),
        finalized_at=_instant(invoice.status_transitions.finalized_at),
        payment_intent_ids=tuple(_intents_of(invoice)),
    )


def read_payment(intent: "stripe.PaymentIntent", invoice: "stripe.Invoice | None") -> PaymentSnapshot:
    """Read a payment intent retrieved with its charge, balance transaction and customer expanded."""
    charge = intent.latest_charge if not isinstance(intent.latest_charge, str) else None
    paid = charge if charge and charge.status == "succeeded" else None
    method, last4 = _method(charge)
    return PaymentSnapshot(
        id=intent.id,
        status=intent.status,
        amount=Money(intent.amount, intent.currency),
        created_at=from_timestamp(intent.created),
        customer_id=id_of(intent.customer),
        customer_address=_address(intent, charge),
        pledge_id=pledge_id_of(intent.metadata),
        charge_id=charge.id if charge else None,
        paid_at=from_timestamp(paid.created) if paid else None,
        method=method,
        last4=last4,
        failure_code=charge.failure_code if charge else None,
        decline_code=_decline_code(intent, charge),
        receipt_number=text_in(intent.metadata, RECEIPT_KEY),
        amount_refunded=Money(charge.amount_refunded if charge else 0, intent.currency),
        balance=find_transaction(paid.balance_transaction) if paid else None,
        invoice=read_invoice(invoice) if invoice else None,
        tried_at=from_timestamp(charge.created) if charge else None,
    )


def _decline_code(intent: "stripe.PaymentIntent", charge: "stripe.Charge | None") -> str | None:
    """Return why the newest try was declined: the bank's reason, else Stripe's code."""
    error = intent.last_payment_error
    if error is None or intent.status == "succeeded":
        return None
    outcome = charge.outcome if charge else None
    return getattr(error, "decline_code", None) or (outcome.reason if outcome else None) or error.code


def _address(intent: "stripe.PaymentIntent", charge: "stripe.Charge | None") -> str | None:
    customer = intent.customer
    if customer and not isinstance(customer, str):
        email = getattr(customer, "email", None)
        if email:
            return str(email)
    return charge.billing_details.email if charge else None


def _method(charge: "stripe.Charge | None") -> tuple[str | None, str | None]:
    details = charge.payment_method_details if charge else None
    if not details:
        return None, None
    card = getattr(details, "card", None)
    if card:
        return card.brand, card.last4
    kind = getattr(details, details.type, None)
    return details.type, getattr(kind, "last4", None)


def read_refund(refund: "stripe.Refund") -> RefundSnapshot:
    """Read a refund retrieved with both of its balance transactions expanded."""
    return RefundSnapshot(
        id=refund.id,
        status=refund.status or "pending",
        reason=refund.reason,
        note_number=text_in(refund.metadata, NOTE_KEY),
        amount=Money(refund.amount, refund.currency),
        payment_intent_id=id_of(refund.payment_intent),
        created_at=from_timestamp(refund.created),
        balance=find_transaction(refund.balance_transaction),
        failure_balance=find_transaction(getattr(refund, "failure_balance_transaction", None)),
    )


def pledge_id_of(metadata: object) -> UUID | None:
    """Return the pledge named in an object's metadata, if it is one of ours."""
    return uuid_in(metadata, PLEDGE_KEY)


def uuid_in(metadata: object, key: str) -> UUID | None:
    """Return an id of ours from an object's metadata; None where there is none, or another's text."""
    text = text_in(metadata, key)
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def text_in(metadata: object, key: str) -> str | None:
    """Return a text of ours from an object's metadata."""
    text = getattr(metadata, key, None)
    return str(text) if text else None


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_timestamp(seconds)
