"""Gives payments from a list the invoice they pay, which no list of Stripe's names, from our own rows."""

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Invoice, InvoicePayment
from app.kernel.money import Money
from app.stripe_gateway.snapshots import InvoiceSnapshot, PaymentSnapshot


def with_their_invoices(
    session: Session, payments: Iterable[PaymentSnapshot], *, complete: bool
) -> dict[str, PaymentSnapshot]:
    """Return payments as a single fetch would show them, by id.

    Args: complete: whether every invoice that a payment here may pay is among our rows; otherwise one
        without a known invoice is left out, and only a single fetch can tell.
    """
    payments = list(payments)
    invoices = _invoices_of(session, [payment.id for payment in payments if not payment.pledge_id])
    return {
        payment.id: replace(payment, invoice=invoices.get(payment.id))
        for payment in payments
        if complete or payment.pledge_id or payment.id in invoices
    }


def _invoices_of(session: Session, intent_ids: list[str]) -> dict[str, InvoiceSnapshot]:
    pays = InvoicePayment.stripe_payment_intent_id
    found = session.execute(
        sa.select(pays, Invoice)
        .join(Invoice, Invoice.stripe_invoice_id == InvoicePayment.stripe_invoice_id)
        .where(pays.in_(intent_ids))
    )
    return {intent_id: _as_snapshot(invoice) for intent_id, invoice in found}


def _as_snapshot(invoice: Invoice) -> InvoiceSnapshot:
    return InvoiceSnapshot(
        id=invoice.stripe_invoice_id,
        status=invoice.status.value,
        customer_id=invoice.stripe_customer_id,
        subscription_id=invoice.stripe_subscription_id,
        pledge_id=invoice.pledge_id,
        billing_reason=invoice.billing_reason,
        amount_due=Money(invoice.amount_due, invoice.currency),
        amount_paid=Money(invoice.amount_paid, invoice.currency),
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        attempt_count=invoice.attempt_count,
        next_attempt_at=invoice.next_attempt_at,
        finalized_at=invoice.finalized_at,
        payment_intent_ids=(),
    )
