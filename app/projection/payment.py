"""A payment intent: its row, and once it has succeeded, all that a payment brings about."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.billing.rows import find_payment, find_subscription
from app.billing.statuses import PaymentStatus
from app.db import save_row
from app.giving.models import Pledge
from app.giving.pledges import get_or_add_campaign
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.kernel.intervals import Interval
from app.projection.context import Context
from app.projection.dunning import tell_by_payment
from app.projection.gift import hand_over
from app.projection.note import keep_note
from app.projection.paid import acknowledge, post_to_ledger
from app.projection.payer import get_or_add_payer
from app.projection.receipt import Paid
from app.stripe_gateway.snapshots import PaymentSnapshot


def project_payment(session: Session, payment: PaymentSnapshot, context: Context) -> list[Wanted]:
    """Apply a payment; a failed or unfinished one leaves its row, and a mail where it was a renewal.

    The first time it is seen paid, its subscription is asked for, whose membership it may start.
    """
    pledge, known = _find_pledge(session, payment), find_payment(session, payment.id)
    was_paid = known is not None and known.member_id is not None
    values = _values(session, payment, pledge, context)
    if payment.status != PaymentStatus.succeeded or payment.paid_at is None:
        save_row(session, Payment, "stripe_payment_intent_id", values)
        tell_by_payment(session, payment, context)
        return []
    _apply_paid(session, payment, pledge, known, values=values, context=context)
    tell_by_payment(session, payment, context)
    return [] if was_paid else _membership_of(payment)


def _find_pledge(session: Session, payment: PaymentSnapshot) -> Pledge | None:
    pledge_id = payment.pledge_id or (payment.invoice.pledge_id if payment.invoice else None)
    return session.get(Pledge, pledge_id) if pledge_id else None


def _apply_paid(
    session: Session,
    payment: PaymentSnapshot,
    pledge: Pledge | None,
    known: Payment | None,
    *,
    values: dict[str, object],
    context: Context,
) -> None:
    member = get_or_add_payer(session, payment, pledge, known, context)
    campaign_id = _campaign_of(session, pledge, context)
    ours = {"member_id": member.id, "campaign_id": campaign_id}
    paid = Paid(
        id=save_row(session, Payment, "stripe_payment_intent_id", {**values, **ours}),
        snapshot=payment,
        interval=_interval_of(session, payment, pledge),
        member=member,
        campaign_id=campaign_id,
    )
    post_to_ledger(session, paid, context)
    acknowledge(session, paid, context)
    if pledge:
        is_gift = hand_over(session, pledge, paid, context)
        if not is_gift:
            keep_note(session, pledge.id, member, context)
        context.vault.forget_contact(session, pledge.id)


def _campaign_of(session: Session, pledge: Pledge | None, context: Context) -> UUID | None:
    if pledge is None or pledge.campaign_slug is None:
        return None
    return get_or_add_campaign(session, pledge.campaign_slug, now=context.now)


def _membership_of(payment: PaymentSnapshot) -> list[Wanted]:
    subscription_id = payment.invoice.subscription_id if payment.invoice else None
    return [(ObjectType.subscription, subscription_id)] if subscription_id else []


def _interval_of(session: Session, payment: PaymentSnapshot, pledge: Pledge | None) -> Interval:
    if payment.invoice is None:
        return Interval.once
    subscription_id = payment.invoice.subscription_id
    subscription = find_subscription(session, subscription_id) if subscription_id else None
    if subscription:
        return subscription.interval
    return pledge.interval if pledge else Interval.month


def _values(
    session: Session, payment: PaymentSnapshot, pledge: Pledge | None, context: Context
) -> dict[str, object]:
    invoice = payment.invoice
    return {
        "stripe_payment_intent_id": payment.id,
        "stripe_charge_id": payment.charge_id,
        "stripe_customer_id": payment.customer_id,
        "stripe_invoice_id": invoice.id if invoice else None,
        "stripe_subscription_id": invoice.subscription_id if invoice else None,
        "pledge_id": pledge.id if pledge else None,
        "status": PaymentStatus(payment.status),
        "interval": _interval_of(session, payment, pledge),
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "amount_refunded_minor": payment.amount_refunded.minor,
        "method": payment.method,
        "method_last4": payment.last4,
        "failure_code": payment.failure_code,
        "decline_code": payment.decline_code,
        "kept_receipt_number": payment.receipt_number,
        "created_at": payment.created_at,
        "paid_at": payment.paid_at,
        "synced_at": context.now,
        **_settled(payment),
    }


def _settled(payment: PaymentSnapshot) -> dict[str, object]:
    balance = payment.balance
    return {
        "settled_gross_minor": balance.gross.minor if balance else None,
        "settled_fee_minor": balance.fee.minor if balance else None,
        "settled_currency": balance.gross.currency if balance else None,
        "exchange_rate": balance.exchange_rate if balance else None,
        "stripe_balance_transaction_id": balance.id if balance else None,
    }
