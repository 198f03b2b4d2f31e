"""A Stripe invoice: one period of a subscription."""

from sqlalchemy.orm import Session

from app.billing.models import Invoice, InvoicePayment
from app.billing.rows import find_invoice
from app.billing.statuses import InvoiceStatus
from app.db import insert_once, save_row
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.projection.context import Context
from app.projection.dunning import tell_by_invoice
from app.stripe_gateway.snapshots import InvoiceSnapshot


def project_invoice(session: Session, invoice: InvoiceSnapshot, context: Context) -> list[Wanted]:
    """Apply an invoice. What was paid on it, and why a try of Stripe's failed, the payment intent says."""
    values = {
        "stripe_invoice_id": invoice.id,
        "stripe_subscription_id": invoice.subscription_id,
        "stripe_customer_id": invoice.customer_id,
        "pledge_id": invoice.pledge_id,
        "status": InvoiceStatus(invoice.status),
        "billing_reason": invoice.billing_reason,
        "amount_due": invoice.amount_due.minor,
        "amount_paid": invoice.amount_paid.minor,
        "currency": invoice.amount_due.currency,
        "period_start": invoice.period_start,
        "period_end": invoice.period_end,
        "attempt_count": invoice.attempt_count,
        "next_attempt_at": invoice.next_attempt_at,
        "finalized_at": invoice.finalized_at,
        "synced_at": context.now,
    }
    known = find_invoice(session, invoice.id)
    asked = tell_by_invoice(session, invoice, known=known, context=context)
    save_row(session, Invoice, "stripe_invoice_id", values)
    for intent_id in invoice.payment_intent_ids:
        pays = {"stripe_payment_intent_id": intent_id, "stripe_invoice_id": invoice.id}
        insert_once(session, InvoicePayment, pays)
    return [(ObjectType.payment_intent, intent_id) for intent_id in asked]
