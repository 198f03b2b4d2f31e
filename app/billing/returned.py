"""Whether a payment is still ours: what was refunded, and what banks took back."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Payment, Refund
from app.billing.statuses import RefundStatus

_UNDONE = (RefundStatus.failed, RefundStatus.canceled)


def went_back(session: Session, payment_id: UUID) -> bool:
    """Tell whether nothing of a payment is left: refunded, or taken back by a bank and not returned."""
    payment = session.get_one(Payment, payment_id)
    of_payment = payment.stripe_payment_intent_id
    refunded = _sum(
        session,
        sa.select(sa.func.sum(Refund.amount_minor)).where(
            Refund.stripe_payment_intent_id == of_payment, Refund.status.not_in(_UNDONE)
        ),
    )
    disputed = _sum(
        session,
        sa.select(sa.func.sum(Dispute.amount_minor)).where(
            Dispute.stripe_payment_intent_id == of_payment,
            Dispute.withdrawn_at.is_not(None),
            Dispute.returned_at.is_(None),
        ),
    )
    return max(refunded, payment.amount_refunded_minor) + disputed >= payment.amount_minor


def _sum(session: Session, statement: sa.Select[int]) -> int:
    return int(session.scalar(statement) or 0)
