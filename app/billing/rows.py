"""Finds our copies of Stripe's objects."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Customer, Invoice, Payment, Subscription
from app.billing.statuses import PaymentStatus, SubscriptionStatus
from app.db import insert_once
from app.kernel.ids import new_id


def find_payment(session: Session, stripe_payment_intent_id: str) -> Payment | None:
    """Return the payment of a payment intent."""
    return session.scalar(
        sa.select(Payment).where(Payment.stripe_payment_intent_id == stripe_payment_intent_id)
    )


def find_subscription(session: Session, stripe_subscription_id: str) -> Subscription | None:
    """Return our copy of a subscription."""
    return session.scalar(
        sa.select(Subscription).where(Subscription.stripe_subscription_id == stripe_subscription_id)
    )


def find_invoice(session: Session, stripe_invoice_id: str) -> Invoice | None:
    """Return our copy of an invoice."""
    return session.scalar(sa.select(Invoice).where(Invoice.stripe_invoice_id == stripe_invoice_id))


def is_charged_next(subscription: Subscription) -> bool:
    """Whether a subscription goes on and will be charged when its period ends: not ending, paused or due."""
    running = subscription.status in (SubscriptionStatus.active, SubscriptionStatus.trialing)
    return running and not (subscription.ended_at or subscription.cancel_at or subscription.pause_behavior)


def find_member_of_customer(session: Session, stripe_customer_id: str) -> UUID | None:
    """Return the member who is this customer, once a payment has made them one."""
    return session.scalar(
        sa.select(Customer.member_id).where(Customer.stripe_customer_id == stripe_customer_id)
    )


def set_member_of_customer(session: Session, stripe_customer_id: str, member_id: UUID) -> None:
    """Remember whose customer this is; the first to say so wins."""
    insert_once(session, Customer, {"id": new_id(), "stripe_customer_id": stripe_customer_id})
    session.execute(
        sa.update(Customer)
        .where(Customer.stripe_customer_id == stripe_customer_id, Customer.member_id.is_(None))
        .values(member_id=member_id)
    )


def has_been_paid(session: Session, stripe_subscription_id: str) -> bool:
    """Whether any period of a subscription has been paid."""
    paid = sa.select(Payment.id).where(
        Payment.stripe_subscription_id == stripe_subscription_id,
        Payment.status == PaymentStatus.succeeded,
    )
    return session.scalar(paid.limit(1)) is not None
