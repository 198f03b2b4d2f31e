"""One support as the pages behind our links show it, read from our rows alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Invoice, Payment, Subscription
from app.billing.queries import find_open_invoice, list_payments_of_invoice
from app.billing.rows import find_subscription
from app.billing.statuses import PaymentStatus
from app.flows.declines import Reason, reason_of
from app.flows.gift_of import gift_of
from app.flows.links import LinkUnknown
from app.flows.parts import Parts
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.projection.mailing import language_of


class Standing(StrEnum):
    """How a support stands."""

    fine = "fine"
    """Nothing is open."""
    open = "open"
    """A payment failed and waits for another card, or another try."""
    to_confirm = "to_confirm"
    """The bank waits for the member's word."""
    on_its_way = "on_its_way"
    """The bank has been asked and has not answered."""
    ended = "ended"


@dataclass(frozen=True, kw_only=True)
class OpenInvoice:
    """A renewal that is still to be paid."""

    row_id: UUID
    stripe_invoice_id: str
    amount: Money
    reason: Reason
    next_try_at: datetime | None
    payment_intent_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """All that the pages say of a support, without its person."""

    subscription_id: UUID
    stripe_subscription_id: str
    stripe_customer_id: str
    language: str
    standing: Standing
    amount: Money
    gift: Money
    """Of the amount, what is given: without what covers the fees."""
    interval: Interval
    method: str | None
    """`visa 4242`: brand or kind, and the last four digits."""
    next_charge_at: datetime | None
    cancel_at: datetime | None
    ended_at: datetime | None
    invoice: OpenInvoice | None


def look_at_support(session: Session, parts: Parts, subscription_id: UUID) -> Picture:
    """Return how a support stands. Raises: LinkUnknown: there is no such row any more."""
    row = session.get(Subscription, subscription_id)
    if row is None:
        raise LinkUnknown(str(subscription_id))
    invoice = None if row.ended_at else find_open_invoice(session, row.stripe_subscription_id)
    payments = list_payments_of_invoice(session, invoice.stripe_invoice_id) if invoice else []
    return Picture(
        subscription_id=row.id,
        stripe_subscription_id=row.stripe_subscription_id,
        stripe_customer_id=row.stripe_customer_id,
        language=_language(session, parts, row),
        standing=_standing(row, invoice, payments),
        amount=Money(row.amount_minor, row.currency),
        gift=gift_of(session, row),
        interval=row.interval,
        method=" ".join(filter(None, (row.method, row.method_last4))) or None,
        next_charge_at=row.current_period_end,
        cancel_at=row.cancel_at,
        ended_at=row.ended_at,
        invoice=_open(invoice, payments) if invoice else None,
    )


def find_subscription_of_invoice(session: Session, invoice_id: UUID) -> tuple[Invoice, UUID]:
    """Return an invoice and the row of the subscription it renews. Raises: LinkUnknown."""
    invoice = session.get(Invoice, invoice_id)
    found = find_subscription(session, invoice.stripe_subscription_id or "") if invoice else None
    if invoice is None or found is None:
        raise LinkUnknown(str(invoice_id))
    return invoice, found.id


def _language(session: Session, parts: Parts, row: Subscription) -> str:
    member = session.get(Member, row.member_id) if row.member_id else None
    return language_of(member, parts.newsroom) if member else parts.newsroom.default_language


def _standing(row: Subscription, invoice: Invoice | None, payments: list[Payment]) -> Standing:
    if row.ended_at:
        return Standing.ended
    statuses = {payment.status for payment in payments}
    if invoice is None or PaymentStatus.succeeded in statuses:
        return Standing.fine
    if PaymentStatus.processing in statuses:
        return Standing.on_its_way
    return Standing.to_confirm if PaymentStatus.requires_action in statuses else Standing.open


def _open(invoice: Invoice, payments: list[Payment]) -> OpenInvoice:
    newest = payments[0] if payments else None
    return OpenInvoice(
        row_id=invoice.id,
        stripe_invoice_id=invoice.stripe_invoice_id,
        amount=Money(invoice.amount_due, invoice.currency),
        reason=reason_of(newest.decline_code, newest.failure_code) if newest else Reason.unknown,
        next_try_at=invoice.next_attempt_at,
        payment_intent_ids=tuple(payment.stripe_payment_intent_id for payment in payments),
    )
