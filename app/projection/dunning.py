"""What a member is told of a renewal that failed, and when it was paid after all.

An invoice knows of Stripe's tries, its payment intent of why they failed, and either may be seen first.
So both bring their picture to one rule, and each try is told of once whoever tells of it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Invoice
from app.billing.rows import find_invoice, find_member_of_customer
from app.billing.statuses import InvoiceStatus, PaymentStatus
from app.outbox.models import MailKind
from app.outbox.queue import find_mails
from app.projection.context import Context
from app.projection.mailing import queue_mail
from app.stripe_gateway.snapshots import InvoiceSnapshot, PaymentSnapshot

FIRST_INVOICE = "subscription_create"
"""Of a subscription begun on Checkout: whoever it fails for stands before it."""
OVER = frozenset({InvoiceStatus.paid, InvoiceStatus.void, InvoiceStatus.deleted})
UNPAID = frozenset({InvoiceStatus.open, InvoiceStatus.uncollectible})
"""An account may be set up so that Stripe writes an invoice off after its last try."""
MOST_TRIES = 50
"""More than Stripe makes; bounds what is looked up."""


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """An invoice as far as Stripe's tries go, and the status of the payment that is to pay it."""

    status: InvoiceStatus
    billing_reason: str | None
    tries: int
    next_try_at: datetime | None
    payment: PaymentStatus | None
    """None where nothing is known of it yet."""


def letter_about(renewal: Renewal) -> MailKind | None:
    """Return what the member is told of the newest try, if anything."""
    if renewal.billing_reason == FIRST_INVOICE or not renewal.tries:
        return None
    if renewal.status not in UNPAID or renewal.payment in _NOT_FAILED:
        return None
    if renewal.status is InvoiceStatus.uncollectible:
        # After a first try alone it was somebody at the newsroom who let it go.
        return MailKind.payment_last_notice if renewal.tries > 1 else None
    confirmable = renewal.payment is PaymentStatus.requires_action
    if renewal.next_try_at is None and not (confirmable and renewal.tries == 1):
        return MailKind.payment_last_notice
    if confirmable:
        return MailKind.payment_needs_action
    return MailKind.payment_failed if renewal.tries == 1 else MailKind.payment_reminder


_NOT_FAILED = (PaymentStatus.succeeded, PaymentStatus.processing, PaymentStatus.requires_capture)


def try_key(invoice_id: str, number: int) -> str:
    """Return the key under which one try of an invoice is told of once, whatever is said of it."""
    return f"renewal-{invoice_id}-{number}"


def told_tries(invoice_id: str, tries: int) -> list[str]:
    """Return the keys of all tries of an invoice."""
    return [try_key(invoice_id, number) for number in range(1, min(tries, MOST_TRIES) + 1)]


def tell_by_payment(session: Session, payment: PaymentSnapshot, context: Context) -> None:
    """Tell what a payment's picture shows of a renewal; its invoice was fetched right after it."""
    invoice = payment.invoice
    if invoice is None or invoice.subscription_id is None:
        return
    if payment.paid_at:
        _tell_recovered(session, invoice, payment.paid_at, context)
        return
    known = find_invoice(session, invoice.id)
    if known is None or known.status not in OVER:
        tried_at = max(payment.tried_at or payment.created_at, payment.created_at)
        _tell_failed(session, invoice, PaymentStatus(payment.status), tried_at, context=context)


def tell_by_invoice(
    session: Session, invoice: InvoiceSnapshot, *, known: Invoice | None, context: Context
) -> list[str]:
    """Tell what an invoice's picture shows of a renewal.

    Args: known: the invoice as it was before this picture.
    Returns: payment intents to be looked at, where a try is new or a failed renewal is paid: they know
        why and when, and telling of it is left to them.
    """
    if invoice.subscription_id is None or invoice.billing_reason == FIRST_INVOICE:
        return []
    tries = known.attempt_count if known else 0
    is_new_try = invoice.status in UNPAID and invoice.attempt_count > tries
    is_recovery = invoice.status == InvoiceStatus.paid and known is not None and known.status not in OVER
    if is_new_try and not invoice.payment_intent_ids:
        _tell_failed(session, invoice, None, invoice.finalized_at or invoice.period_start, context=context)
    return list(invoice.payment_intent_ids) if is_new_try or (is_recovery and tries) else []


def _tell_failed(
    session: Session,
    invoice: InvoiceSnapshot,
    payment: PaymentStatus | None,
    tried_at: datetime,
    *,
    context: Context,
) -> None:
    kind = letter_about(
        Renewal(
            status=InvoiceStatus(invoice.status),
            billing_reason=invoice.billing_reason,
            tries=invoice.attempt_count,
            next_try_at=invoice.next_attempt_at,
            payment=payment,
        )
    )
    member_id = _member_of(session, invoice)
    if kind is None or member_id is None or not context.may_mail(tried_at):
        return
    queue_mail(
        session,
        kind,
        key=try_key(invoice.id, invoice.attempt_count),
        member_id=member_id,
        about_id=invoice.id,
        matter={"try": invoice.attempt_count},
        context=context,
    )


def _tell_recovered(session: Session, invoice: InvoiceSnapshot, paid_at: datetime, context: Context) -> None:
    """Thank for a renewal that was told of as failed; one of which nothing was said needs no such thanks."""
    member_id = _member_of(session, invoice)
    if member_id is None or not context.may_mail(paid_at):
        return
    if find_mails(session, told_tries(invoice.id, invoice.attempt_count)):
        key = f"renewal-{invoice.id}-paid"
        matter: dict[str, object] = {"tries": invoice.attempt_count}
        queue_mail(
            session,
            MailKind.payment_recovered,
            key=key,
            member_id=member_id,
            about_id=invoice.id,
            matter=matter,
            context=context,
        )


def _member_of(session: Session, invoice: InvoiceSnapshot) -> UUID | None:
    return find_member_of_customer(session, invoice.customer_id) if invoice.customer_id else None
