"""A member's payments, a page at a time."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Customer, Payment, Refund
from app.billing.statuses import PaymentStatus, RefundStatus

UNDER_WAY = (RefundStatus.pending, RefundStatus.requires_action)


def list_payments_page(session: Session, member_id: UUID, *, skip: int, limit: int) -> list[Payment]:
    """Return payments of a member's that were made or that a bank has been asked for, newest first."""
    theirs = sa.select(Customer.stripe_customer_id).where(Customer.member_id == member_id)
    asked = sa.and_(
        Payment.member_id.is_(None),
        Payment.stripe_customer_id.in_(theirs),
        Payment.status == PaymentStatus.processing,
    )
    statement = sa.select(Payment).where(sa.or_(Payment.member_id == member_id, asked))
    when = sa.func.coalesce(Payment.paid_at, Payment.created_at)
    page = statement.order_by(when.desc(), Payment.id.desc()).offset(skip).limit(limit)
    return list(session.scalars(page))


def list_refunds_under_way(session: Session, stripe_payment_intent_ids: Iterable[str]) -> list[Refund]:
    """Return the refunds of these payments that have not arrived yet, oldest first."""
    statement = sa.select(Refund).where(
        Refund.stripe_payment_intent_id.in_(list(stripe_payment_intent_ids)), Refund.status.in_(UNDER_WAY)
    )
    return list(session.scalars(statement.order_by(Refund.created_at, Refund.id)))
