"""Whether a payment is still ours: what was refunded, and what banks took back."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Invoice, Payment, Refund, Subscription
from app.billing.statuses import CAME_BACK
from app.kernel.money import Money


def went_back(session: Session, payment_id: UUID) -> bool:
    """Tell whether nothing of a payment is left: refunded, or taken back by a bank and not returned."""
    payment = session.get_one(Payment, payment_id)
    of_payment = payment.stripe_payment_intent_id
    disputed = _sum(
        session,
        sa.select(sa.func.sum(Dispute.amount_minor)).where(
            Dispute.stripe_payment_intent_id == of_payment,
            Dispute.withdrawn_at.is_not(None),
            Dispute.returned_at.is_(None),
        ),
    )
    return _refunded(session, payment) + disputed >= payment.amount_minor


def given_back_of_period(session: Session, subscription: Subscription) -> Money | None:
    """Return how much of a subscription's last payment was given back, where it ended within what that paid.

    Returns: maybe no money; None where nothing was paid beyond its end.
    """
    paid_beyond = (
        sa.select(Payment)
        .join(Invoice, Invoice.stripe_invoice_id == Payment.stripe_invoice_id)
        .where(
            Invoice.stripe_subscription_id == subscription.stripe_subscription_id,
            Invoice.period_end > subscription.ended_at,
            Payment.paid_at.is_not(None),
        )
    )
    payment = session.scalar(paid_beyond.order_by(Payment.paid_at.desc(), Payment.id.desc()).limit(1))
    return Money(_refunded(session, payment), payment.currency) if payment else None


def _refunded(session: Session, payment: Payment) -> int:
    """Return what was given back of a payment, or is on its way, in minor units."""
    rows = sa.select(sa.func.sum(Refund.amount_minor)).where(
        Refund.stripe_payment_intent_id == payment.stripe_payment_intent_id, Refund.status.not_in(CAME_BACK)
    )
    return max(_sum(session, rows), payment.amount_refunded_minor)


def _sum(session: Session, statement: sa.Select[int]) -> int:
    return int(session.scalar(statement) or 0)
