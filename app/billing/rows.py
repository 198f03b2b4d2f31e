"""Finds our copies of Stripe's objects."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Customer, Invoice, Payment, Refund, Subscription
from app.billing.statuses import InvoiceStatus, PaymentStatus, SubscriptionStatus
from app.db import insert_once
from app.kernel.ids import new_id


def find_payment(session: Session, stripe_payment_intent_id: str) -> Payment | None:
    """Return the payment of a payment intent."""
    return session.scalar(
        sa.select(Payment).where(Payment.stripe_payment_intent_id == stripe_payment_intent_id)
    )


def find_customer(session: Session, stripe_customer_id: str) -> Customer | None:
    """Return our copy of a customer."""
    return session.scalar(sa.select(Customer).where(Customer.stripe_customer_id == stripe_customer_id))


def find_refund(session: Session, stripe_refund_id: str) -> Refund | None:
    """Return our copy of a refund."""
    return session.scalar(sa.select(Refund).where(Refund.stripe_refund_id == stripe_refund_id))


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


def set_member_of_customer(
    session: Session, stripe_customer_id: str, member_id: UUID, *, address_digest: str | None
) -> None:
    """Remember whose customer this is, the first to say so wins, and the address that says so."""
    insert_once(session, Customer, {"id": new_id(), "stripe_customer_id": stripe_customer_id})
    known = sa.func.coalesce(Customer.address_digest, address_digest)
    session.execute(
        sa.update(Customer)
        .where(Customer.stripe_customer_id == stripe_customer_id, Customer.member_id.is_(None))
        .values(member_id=member_id, address_digest=known)
    )


def find_last_paid_at(session: Session, stripe_subscription_id: str) -> datetime | None:
    """Return when a period of a subscription was last paid, if any was."""
    paid = sa.select(sa.func.max(Payment.paid_at)).where(
        Payment.stripe_subscription_id == stripe_subscription_id,
        Payment.status == PaymentStatus.succeeded,
    )
    return session.scalar(paid)


def find_failing_since(session: Session, stripe_subscription_id: str) -> datetime | None:
    """Return since when the oldest of a subscription's open invoices that failed has been asked for."""
    failing = sa.select(sa.func.min(Invoice.finalized_at)).where(
        Invoice.stripe_subscription_id == stripe_subscription_id,
        Invoice.status == InvoiceStatus.open,
        Invoice.attempt_count > 0,
    )
    return session.scalar(failing)


def list_running_ids(session: Session, stripe_customer_id: str) -> list[str]:
    """Return Stripe's ids of a customer's subscriptions that have not ended."""
    running = sa.select(Subscription.stripe_subscription_id).where(
        Subscription.stripe_customer_id == stripe_customer_id, Subscription.ended_at.is_(None)
    )
    return list(session.scalars(running.order_by(Subscription.id)))
