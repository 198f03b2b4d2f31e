"""Reads what Stripe showed last."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import (
    Customer,
    Dispute,
    Invoice,
    InvoicePayment,
    Payment,
    Refund,
    Subscription,
)
from app.billing.statuses import InvoiceStatus, SubscriptionStatus

OWING = (SubscriptionStatus.past_due, SubscriptionStatus.unpaid)


def list_contested(session: Session, member_id: UUID) -> list[Customer]:
    """Return a member's customers on which Stripe shows another member's address."""
    contested = sa.select(Customer).where(
        Customer.member_id == member_id, Customer.address_of_member_id.is_not(None)
    )
    return list(session.scalars(contested.order_by(Customer.id)))


def list_customers(session: Session, member_id: UUID) -> list[Customer]:
    """Return a member's Stripe customers."""
    statement = sa.select(Customer).where(Customer.member_id == member_id).order_by(Customer.id)
    return list(session.scalars(statement))


def list_subscriptions(session: Session, member_id: UUID) -> list[Subscription]:
    """Return a member's subscriptions, newest first."""
    statement = sa.select(Subscription).where(Subscription.member_id == member_id)
    return list(session.scalars(statement.order_by(Subscription.started_at.desc(), Subscription.id.desc())))


def list_payments(session: Session, member_id: UUID) -> list[Payment]:
    """Return a member's payments, newest first, those that failed or wait among them.

    Only a paid one names its member; the others are known by the customer.
    """
    theirs = sa.select(Customer.stripe_customer_id).where(Customer.member_id == member_id)
    statement = sa.select(Payment).where(
        sa.or_(
            Payment.member_id == member_id,
            sa.and_(Payment.member_id.is_(None), Payment.stripe_customer_id.in_(theirs)),
        )
    )
    when = sa.func.coalesce(Payment.paid_at, Payment.created_at)
    return list(session.scalars(statement.order_by(when.desc(), Payment.id.desc())))


def list_payments_of_invoice(session: Session, stripe_invoice_id: str) -> list[Payment]:
    """Return the payments that pay, or are to pay, an invoice, the newest first."""
    linked = sa.select(InvoicePayment.stripe_payment_intent_id).where(
        InvoicePayment.stripe_invoice_id == stripe_invoice_id
    )
    statement = sa.select(Payment).where(
        sa.or_(Payment.stripe_invoice_id == stripe_invoice_id, Payment.stripe_payment_intent_id.in_(linked))
    )
    return list(session.scalars(statement.order_by(Payment.created_at.desc(), Payment.id.desc())))


def find_draft_invoice(session: Session, stripe_subscription_id: str) -> Invoice | None:
    """Return the renewal of a subscription that Stripe has drafted and charges within the hour."""
    drafted = sa.select(Invoice).where(
        Invoice.stripe_subscription_id == stripe_subscription_id,
        Invoice.status == InvoiceStatus.draft,
        Invoice.next_attempt_at.is_not(None),
        Invoice.amount_due > 0,
    )
    return session.scalar(drafted.order_by(Invoice.period_start.desc(), Invoice.id.desc()).limit(1))


def find_open_invoice(session: Session, stripe_subscription_id: str) -> Invoice | None:
    """Return the newest invoice of a subscription that is still to be paid.

    One that Stripe wrote off after its last try counts while the subscription stands unpaid for it.
    """
    owed = sa.or_(
        Invoice.status == InvoiceStatus.open,
        sa.and_(Invoice.status == InvoiceStatus.uncollectible, Subscription.status.in_(OWING)),
    )
    statement = (
        sa.select(Invoice)
        .join(Subscription, Subscription.stripe_subscription_id == Invoice.stripe_subscription_id)
        .where(Invoice.stripe_subscription_id == stripe_subscription_id, owed)
    )
    return session.scalar(statement.order_by(Invoice.period_start.desc(), Invoice.id.desc()).limit(1))


def list_refunds(session: Session, payments: Iterable[Payment]) -> list[Refund]:
    """Return the refunds of these payments, newest first."""
    intents = [payment.stripe_payment_intent_id for payment in payments]
    statement = sa.select(Refund).where(Refund.stripe_payment_intent_id.in_(intents))
    return list(session.scalars(statement.order_by(Refund.created_at.desc(), Refund.id)))


def list_disputes(session: Session, payments: Iterable[Payment]) -> list[Dispute]:
    """Return the disputes of these payments, newest first."""
    intents = [payment.stripe_payment_intent_id for payment in payments]
    statement = sa.select(Dispute).where(Dispute.stripe_payment_intent_id.in_(intents))
    return list(session.scalars(statement.order_by(Dispute.created_at.desc(), Dispute.id)))


def list_invoice_ids(session: Session, subscriptions: Iterable[Subscription]) -> list[str]:
    """Return Stripe's ids of the invoices of these subscriptions."""
    ids = [subscription.stripe_subscription_id for subscription in subscriptions]
    statement = sa.select(Invoice.stripe_invoice_id).where(Invoice.stripe_subscription_id.in_(ids))
    return list(session.scalars(statement.order_by(Invoice.id)))


def select_contested() -> sa.Select[UUID | None]:
    """Select the ids of members on whose customer Stripe shows another member's address."""
    return sa.select(Customer.member_id).where(
        Customer.address_of_member_id.is_not(None), Customer.member_id.is_not(None)
    )


def find_member_id(session: Session, stripe_id: str) -> UUID | None:
    """Return the member to whom any of Stripe's objects that we follow belongs, or a charge."""
    prefix = stripe_id.partition("_")[0]
    owners: dict[str, sa.Select[UUID | None]] = {
        "cus": sa.select(Customer.member_id).where(Customer.stripe_customer_id == stripe_id),
        "sub": sa.select(Subscription.member_id).where(Subscription.stripe_subscription_id == stripe_id),
        "pi": _select_payer().where(Payment.stripe_payment_intent_id == stripe_id),
        "ch": _select_payer().where(Payment.stripe_charge_id == stripe_id),
        "txn": sa.select(Payment.member_id).where(Payment.stripe_balance_transaction_id == stripe_id),
        "in": sa.select(Subscription.member_id)
        .join(Invoice, Invoice.stripe_subscription_id == Subscription.stripe_subscription_id)
        .where(Invoice.stripe_invoice_id == stripe_id),
        "re": sa.select(Payment.member_id)
        .join(Refund, Refund.stripe_payment_intent_id == Payment.stripe_payment_intent_id)
        .where(Refund.stripe_refund_id == stripe_id),
        "du": _select_disputed(stripe_id),
    }
    owners |= {"py": owners["ch"], "pyr": owners["re"], "dp": owners["du"]}
    owner = owners.get(prefix)
    return session.scalar(owner) if owner is not None else None


def _select_disputed(stripe_dispute_id: str) -> sa.Select[UUID | None]:
    """Select who made the payment that is disputed."""
    of_payment = Dispute.stripe_payment_intent_id == Payment.stripe_payment_intent_id
    return (
        sa.select(Payment.member_id)
        .join(Dispute, of_payment)
        .where(Dispute.stripe_dispute_id == stripe_dispute_id)
    )


def _select_payer() -> sa.Select[UUID | None]:
    """Select who made a payment, or whose customer tried to."""
    customer = Customer.stripe_customer_id == Payment.stripe_customer_id
    return sa.select(sa.func.coalesce(Payment.member_id, Customer.member_id)).outerjoin_from(
        Payment, Customer, customer
    )
