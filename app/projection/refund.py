"""A refund: its row, and its balance transactions in the books."""

from sqlalchemy.orm import Session

from app.billing.models import Payment, Refund
from app.billing.rows import find_payment
from app.billing.statuses import RefundStatus
from app.db import save_row
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.kernel.money import Money
from app.ledger.models import EntryKind
from app.ledger.posting import Movement, post_movement
from app.projection.context import Context, NeedsFirst
from app.stripe_gateway.snapshots import BalanceSnapshot, RefundSnapshot


def project_refund(session: Session, refund: RefundSnapshot, context: Context) -> list[Wanted]:
    """Apply a refund; a failed one is posted twice, going out and coming back.

    No event of Stripe's tells that the payment of a failed refund holds its money again, so
    the payment is asked for. Raises: NeedsFirst: the payment it answers is not projected yet.
    """
    payment = _payment_of(session, refund)
    _save(session, refund, context)
    if refund.balance:
        _post(session, EntryKind.refund, refund.balance, -refund.amount, payment, context)
    if refund.failure_balance:
        _post(session, EntryKind.refund_failure, refund.failure_balance, refund.amount, payment, context)
    if refund.payment_intent_id and refund.status in (RefundStatus.failed, RefundStatus.canceled):
        return [(ObjectType.payment_intent, refund.payment_intent_id)]
    return []


def _payment_of(session: Session, refund: RefundSnapshot) -> Payment | None:
    if refund.payment_intent_id is None:
        return None
    payment = find_payment(session, refund.payment_intent_id)
    if payment is None or payment.member_id is None:
        raise NeedsFirst((ObjectType.payment_intent, refund.payment_intent_id))
    return payment


def _save(session: Session, refund: RefundSnapshot, context: Context) -> None:
    values = {
        "stripe_refund_id": refund.id,
        "stripe_payment_intent_id": refund.payment_intent_id,
        "status": RefundStatus(refund.status),
        "reason": refund.reason,
        "amount_minor": refund.amount.minor,
        "currency": refund.amount.currency,
        "stripe_balance_transaction_id": refund.balance.id if refund.balance else None,
        "created_at": refund.created_at,
        "synced_at": context.now,
    }
    save_row(session, Refund, "stripe_refund_id", values)


def _post(
    session: Session,
    kind: EntryKind,
    balance: BalanceSnapshot,
    given: Money,
    payment: Payment | None,
    context: Context,
) -> None:
    movement = Movement(
        kind=kind,
        stripe_balance_transaction_id=balance.id,
        occurred_at=balance.created_at,
        gross=balance.gross,
        fee=balance.fee,
        given=given,
        payment_id=payment.id if payment else None,
        member_id=payment.member_id if payment else None,
        campaign_id=payment.campaign_id if payment else None,
    )
    post_movement(session, movement, zone=context.newsroom.zone, now=context.now)
