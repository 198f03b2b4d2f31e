"""How much of a payment can be given back, as far as our rows know."""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.asks.queries import list_refunds_asked
from app.asks.rules import AskRefused, Refundable, Wish, amount_to_refund
from app.billing.models import Dispute, Payment, Refund
from app.billing.statuses import CAME_BACK, DisputeStatus, PaymentStatus
from app.kernel.money import Money
from app.receipts.models import Receipt

TAKEN_BY_THE_BANK = (DisputeStatus.needs_response, DisputeStatus.under_review, DisputeStatus.lost)


def find_intent_of(session: Session, text: str) -> str | None:
    """Return the payment intent that an id or a receipt's number names."""
    if text.startswith("pi_"):
        return text
    paid = sa.select(Payment.stripe_payment_intent_id).join(Receipt, Receipt.payment_id == Payment.id)
    return session.scalar(paid.where(Receipt.number == text))


def settle_amount(session: Session, wish: Wish) -> Wish:
    """Return the wish with the amount it will be asked with; the payment is locked until it is stored.

    Raises: AskRefused: it cannot be given back, or not that much.
    """
    payment = session.scalar(
        sa.select(Payment).where(Payment.stripe_payment_intent_id == wish.object_id).with_for_update()
    )
    if payment is None:
        raise AskRefused("unknown_payment", "No payment with this id or receipt number is known here.")
    return replace(wish, amount=amount_to_refund(_known_of(session, payment), wish.amount))


def _known_of(session: Session, payment: Payment) -> Refundable:
    return Refundable(
        paid=Money(payment.amount_minor, payment.currency),
        given_back=Money(_given_back_minor(session, payment), payment.currency),
        succeeded=payment.status is PaymentStatus.succeeded,
        disputed=_is_disputed(session, payment),
    )


def _given_back_minor(session: Session, payment: Payment) -> int:
    """Add up what went back and what was asked for and is not seen yet; rather too much than too little."""
    intent_id = payment.stripe_payment_intent_id
    refunds = list(session.scalars(sa.select(Refund).where(Refund.stripe_payment_intent_id == intent_id)))
    seen = {refund.stripe_refund_id for refund in refunds}
    went = sum(refund.amount_minor for refund in refunds if refund.status not in CAME_BACK)
    on_their_way = sum(
        ask.amount_minor or 0
        for ask in list_refunds_asked(session, intent_id)
        if ask.stripe_result_id not in seen
    )
    return max(went, payment.amount_refunded_minor) + on_their_way


def _is_disputed(session: Session, payment: Payment) -> bool:
    found = sa.select(Dispute.id).where(
        Dispute.stripe_payment_intent_id == payment.stripe_payment_intent_id,
        Dispute.status.in_(TAKEN_BY_THE_BANK),
    )
    return session.scalar(found.limit(1)) is not None
