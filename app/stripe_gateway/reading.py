"""Turns Stripe's objects into snapshots."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from app.kernel.clock import from_timestamp
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.errors import UnsupportedShape
from app.stripe_gateway.snapshots import (
    BalanceSnapshot,
    CheckoutSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
)

if TYPE_CHECKING:
    import stripe
    from stripe import checkout

PLEDGE_KEY = "pledge"
"""The one key we write into Stripe's metadata."""


class _HasId(Protocol):
    id: str


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
    if invoice is None or isinstance(invoice, str) or not invoice.payments:
        return
    for paid in invoice.payments.data:
        intent = id_of(paid.payment.payment_intent)
        if intent:
            yield intent


def read_subscription(subscription: "stripe.Subscription") -> SubscriptionSnapshot:
    """Read a subscription.

    Raises: UnsupportedShape: not exactly one item with a monthly or yearly fixed price.
    """
    items = subscription.items.data
    if len(items) != 1:
        raise UnsupportedShape(f"subscription with {len(items)} items")
    price = items[0].price
    if price.unit_amount is None or price.recurring is None or price.recurring.interval_count != 1:
        raise UnsupportedShape("price without a fixed amount for one interval")
    if price.recurring.interval not in (Interval.month, Interval.year):
        raise UnsupportedShape(f"price by the {price.recurring.interval}")
    return SubscriptionSnapshot(
        id=subscription.id,
        status=subscription.status,
        customer_id=id_of(subscription.customer) or "",
        pledge_id=pledge_id_of(subscription.metadata),
        amount=Money(price.unit_amount * (items[0].quantity or 1), price.currency),
        interval=Interval(price.recurring.interval),
        started_at=from_timestamp(subscription.start_date),
        current_period_end=from_timestamp(items[0].current_period_end),
        cancel_at=_instant(subscription.cancel_at),
        canceled_at=_instant(subscription.canceled_at),
        ended_at=_instant(subscription.ended_at),
    )


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
        amount_refunded=Money(charge.amount_refunded if charge else 0, intent.currency),
        balance=_balance(paid.balance_transaction) if paid else None,
        invoice=read_invoice(invoice) if invoice else None,
    )


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
        amount=Money(refund.amount, refund.currency),
        payment_intent_id=id_of(refund.payment_intent),
        created_at=from_timestamp(refund.created),
        balance=_balance(refund.balance_transaction),
        failure_balance=_balance(getattr(refund, "failure_balance_transaction", None)),
    )


def _balance(transaction: "stripe.BalanceTransaction | str | None") -> BalanceSnapshot | None:
    if transaction is None or isinstance(transaction, str):
        return None
    rate = transaction.exchange_rate
    return BalanceSnapshot(
        id=transaction.id,
        gross=Money(transaction.amount, transaction.currency),
        fee=Money(transaction.fee, transaction.currency),
        exchange_rate=Decimal(str(rate)) if rate is not None else None,
        created_at=from_timestamp(transaction.created),
    )


def pledge_id_of(metadata: object) -> UUID | None:
    """Return the pledge named in an object's metadata, if it is one of ours."""
    text = getattr(metadata, PLEDGE_KEY, None)
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def id_of(expandable: "str | _HasId | None") -> str | None:
    """Return the id of a field that may be expanded."""
    return expandable if expandable is None or isinstance(expandable, str) else expandable.id


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_timestamp(seconds)
