"""What was paid for, and whether the money stayed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Invoice, Payment
from app.billing.statuses import InvoiceStatus, PaymentStatus


@dataclass(frozen=True, kw_only=True)
class BilledPeriod:
    """A period of a subscription that was paid, or that a bank has been asked for."""

    stripe_subscription_id: str
    until: datetime
    kept: bool
    """Whether any money of it stayed."""
    under_way: bool


@dataclass(frozen=True, kw_only=True)
class OnceGiven:
    """A payment that was made once."""

    member_id: UUID
    paid_at: datetime
    kept: bool


def list_periods(session: Session, subscription_ids: Iterable[str]) -> dict[str, list[BilledPeriod]]:
    """Return the periods of these subscriptions that were paid or are being paid.

    An invoice marked as paid outside Stripe, or of nothing, has no payment that could go back.
    """
    billed = (InvoiceStatus.paid, InvoiceStatus.open)
    statement = (
        sa.select(Invoice.stripe_invoice_id, Invoice.stripe_subscription_id, Invoice.period_end)
        .add_columns(Invoice.status, Payment.status.label("payment_status"), _stays().label("stays"))
        .outerjoin(Payment, Payment.stripe_invoice_id == Invoice.stripe_invoice_id)
        .where(Invoice.stripe_subscription_id.in_(list(subscription_ids)), Invoice.status.in_(billed))
    )
    by_invoice: dict[str, list[sa.Row[tuple[object, ...]]]] = defaultdict(list)
    for row in session.execute(statement):
        by_invoice[row.stripe_invoice_id].append(row)
    found: dict[str, list[BilledPeriod]] = defaultdict(list)
    for rows in by_invoice.values():
        period = _period(rows)
        if period:
            found[period.stripe_subscription_id].append(period)
    return dict(found)


def _period(rows: Sequence[sa.Row[tuple[object, ...]]]) -> BilledPeriod | None:
    """Return the period of an invoice and the payments of it; None where it is open and nobody pays."""
    first = rows[0]
    paid = [row for row in rows if row.payment_status is PaymentStatus.succeeded]
    is_paid = first.status is InvoiceStatus.paid
    under_way = any(row.payment_status is PaymentStatus.processing for row in rows)
    if not is_paid and not under_way:
        return None
    return BilledPeriod(
        stripe_subscription_id=first.stripe_subscription_id,
        until=first.period_end,
        kept=is_paid and (not paid or any(row.stays for row in paid)),
        under_way=not is_paid,
    )


def list_given_once(session: Session, member_ids: Iterable[UUID], *, since: datetime) -> list[OnceGiven]:
    """Return what these members gave once, after an instant."""
    statement = sa.select(Payment.member_id, Payment.paid_at, _stays().label("stays")).where(
        Payment.member_id.in_(list(member_ids)),
        Payment.paid_at > since,
        Payment.stripe_invoice_id.is_(None),
    )
    return [
        OnceGiven(member_id=row.member_id, paid_at=row.paid_at, kept=bool(row.stays))
        for row in session.execute(statement)
    ]


def list_kept_pledges(session: Session, pledge_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these pledges of whose payments some money stayed."""
    statement = sa.select(Payment.pledge_id).where(
        Payment.pledge_id.in_(list(pledge_ids)), Payment.paid_at.is_not(None), _stays()
    )
    return {found for found in session.scalars(statement) if found}


def _stays() -> sa.ColumnElement[bool]:
    """Tell whether some of a payment's money was neither given back nor taken back by a bank."""
    taken = sa.select(sa.func.coalesce(sa.func.sum(Dispute.amount_minor), 0)).where(
        Dispute.stripe_payment_intent_id == Payment.stripe_payment_intent_id,
        Dispute.withdrawn_at.is_not(None),
        Dispute.returned_at.is_(None),
    )
    return Payment.amount_minor > Payment.amount_refunded_minor + taken.scalar_subquery()
