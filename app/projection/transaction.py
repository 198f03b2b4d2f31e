"""A balance transaction in the books, whatever object it came with."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Payment, Refund
from app.billing.rows import find_payment
from app.inbox.events import Wanted, find_object_type
from app.inbox.models import ObjectType
from app.kernel.money import Money
from app.ledger.posting import Movement, post_movement
from app.ledger.rules import kind_of
from app.projection.context import Context, NeedsFirst
from app.stripe_gateway.snapshots import BalanceSnapshot

_BROUGHT_BY = {
    "refund": ObjectType.refund,
    "refund_failure": ObjectType.refund,
    "dispute": ObjectType.dispute,
    "dispute_reversal": ObjectType.dispute,
    "payout": ObjectType.payout,
    "payout_reversal": ObjectType.payout,
}


@dataclass(frozen=True, kw_only=True)
class About:
    """Whose money a balance transaction moved."""

    given: Money
    """In the currency the reader used, whatever its sign."""
    payment_id: UUID
    member_id: UUID | None
    campaign_id: UUID | None


def about_payment(payment: Payment | None, amount: Money) -> About | None:
    """Return what an amount of this payment is about; None where no payment is known."""
    if payment is None:
        return None
    return About(
        given=amount,
        payment_id=payment.id,
        member_id=payment.member_id,
        campaign_id=payment.campaign_id,
    )


def find_paid(session: Session, intent_id: str | None) -> Payment | None:
    """Return the paid payment that a refund or dispute is about, None where it names none.

    Raises: NeedsFirst: it is not projected yet.
    """
    if intent_id is None:
        return None
    payment = find_payment(session, intent_id)
    if payment is None or payment.member_id is None:
        raise NeedsFirst((ObjectType.payment_intent, intent_id))
    return payment


def find_bringer(transaction: BalanceSnapshot, intent_id: str | None) -> Wanted | None:
    """Return the object whose projection posts a transaction, if we follow any such.

    It is wanted rather than its transaction posted by itself, for it knows whose money that was.
    Args: intent_id: the payment intent of the charge that the transaction is about.
    """
    if transaction.category == "charge":
        return (ObjectType.payment_intent, intent_id) if intent_id else None
    kind, source_id = _BROUGHT_BY.get(transaction.category), transaction.source_id
    return (kind, source_id) if kind and source_id and find_object_type(source_id) is kind else None


def post_transaction(session: Session, transaction: BalanceSnapshot, context: Context) -> bool:
    """Post a transaction that came by itself, with its member where our rows know one.

    Returns: whether this call did it; its bringer may have done so before.
    """
    return post_about(session, transaction, _find_about(session, transaction), context)


def post_about(session: Session, transaction: BalanceSnapshot, about: About | None, context: Context) -> bool:
    """Post a transaction; about None moved nobody's money. Returns: whether this call did it."""
    movement = Movement(
        kind=kind_of(transaction.category),
        stripe_balance_transaction_id=transaction.id,
        occurred_at=transaction.created_at,
        gross=transaction.gross,
        fee=transaction.fee,
        given=_memo(transaction.gross, about),
        payment_id=about.payment_id if about else None,
        member_id=about.member_id if about else None,
        campaign_id=about.campaign_id if about else None,
    )
    return post_movement(session, movement, zone=context.newsroom.zone, now=context.now)


def _memo(gross: Money, about: About | None) -> Money:
    """Return what the reader saw of it, signed as it moved; exact where nothing was converted."""
    if about is None or about.given.currency == gross.currency:
        return gross
    given = Money(abs(about.given.minor), about.given.currency)
    return -given if gross.minor < 0 else given


def _find_about(session: Session, transaction: BalanceSnapshot) -> About | None:
    prefix = (transaction.source_id or "").partition("_")[0]
    if prefix in ("ch", "py"):
        payment = session.scalar(sa.select(Payment).where(Payment.stripe_charge_id == transaction.source_id))
        return about_payment(payment, Money(payment.amount_minor, payment.currency)) if payment else None
    if prefix in ("re", "pyr"):
        return _find_about_part(session, Refund, Refund.stripe_refund_id == transaction.source_id)
    if prefix in ("dp", "du"):
        return _find_about_part(session, Dispute, Dispute.stripe_dispute_id == transaction.source_id)
    return None


def _find_about_part(
    session: Session, model: type[Refund] | type[Dispute], which: sa.ColumnElement[bool]
) -> About | None:
    """Return what part of a payment a refund or dispute is about."""
    of_payment = model.stripe_payment_intent_id == Payment.stripe_payment_intent_id
    found = session.execute(
        sa.select(Payment, model.amount_minor, model.currency).join(model, of_payment).where(which)
    ).one_or_none()
    return about_payment(found[0], Money(found[1], found[2])) if found else None
