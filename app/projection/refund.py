"""A refund: its row, its balance transactions in the books, and the credit note that answers it."""

from sqlalchemy.orm import Session

from app.billing.models import Refund
from app.billing.statuses import CAME_BACK, RefundStatus
from app.db import save_row
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.projection.context import Context
from app.projection.credit_note import answer_refund
from app.projection.transaction import about_payment, find_paid, post_about
from app.stripe_gateway.snapshots import RefundSnapshot


def project_refund(session: Session, refund: RefundSnapshot, context: Context) -> list[Wanted]:
    """Apply a refund, answered by a credit note; a failed one is posted twice, going out and coming back.

    No event of Stripe's tells that the payment of a failed refund holds its money again, so
    the payment is asked for. Raises: NeedsFirst: the payment it answers is not projected yet.
    """
    payment = find_paid(session, refund.payment_intent_id)
    _save(session, refund, context)
    about = about_payment(payment, refund.amount)
    for balance in filter(None, (refund.balance, refund.failure_balance)):
        post_about(session, balance, about, context)
    if payment:
        answer_refund(session, refund, payment, context)
    if refund.payment_intent_id and refund.status in CAME_BACK:
        return [(ObjectType.payment_intent, refund.payment_intent_id)]
    return []


def _save(session: Session, refund: RefundSnapshot, context: Context) -> None:
    values = {
        "stripe_refund_id": refund.id,
        "stripe_payment_intent_id": refund.payment_intent_id,
        "status": RefundStatus(refund.status),
        "reason": refund.reason,
        "amount_minor": refund.amount.minor,
        "currency": refund.amount.currency,
        "stripe_balance_transaction_id": refund.balance.id if refund.balance else None,
        "kept_note_number": refund.note_number,
        "created_at": refund.created_at,
        "synced_at": context.now,
    }
    save_row(session, Refund, "stripe_refund_id", values)
