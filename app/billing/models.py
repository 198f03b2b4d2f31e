"""Customers, subscriptions, invoices, payments and refunds as last seen at Stripe."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.billing.statuses import InvoiceStatus, PaymentStatus, RefundStatus, SubscriptionStatus
from app.db import Base, CurrencyCode, IdKey, Minor, StripeId, enum_type
from app.kernel.intervals import Interval


class Customer(Base):
    """A Stripe customer; one member may have several."""

    __tablename__ = "billing_customers"

    id: Mapped[IdKey]
    stripe_customer_id: Mapped[StripeId] = mapped_column(unique=True)
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("members.id"), index=True)
    """Set by the first payment."""
    deleted_at: Mapped[datetime | None]
    """Set when Stripe says the customer is gone; the instant we learned it."""


class Subscription(Base):
    """A Stripe subscription with the one item we sell on it."""

    __tablename__ = "billing_subscriptions"
    __table_args__ = (sa.Index(None, "status"),)  # reports and the desk's member list

    id: Mapped[IdKey]
    stripe_subscription_id: Mapped[StripeId] = mapped_column(unique=True)
    stripe_customer_id: Mapped[StripeId] = mapped_column(index=True)
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("members.id"), index=True)
    pledge_id: Mapped[UUID | None] = mapped_column(index=True)
    status: Mapped[SubscriptionStatus] = mapped_column(enum_type(SubscriptionStatus))
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    interval: Mapped[Interval] = mapped_column(enum_type(Interval))
    started_at: Mapped[datetime]
    current_period_end: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    synced_at: Mapped[datetime]


class Invoice(Base):
    """A Stripe invoice: one period of a subscription."""

    __tablename__ = "billing_invoices"

    id: Mapped[IdKey]
    stripe_invoice_id: Mapped[StripeId] = mapped_column(unique=True)
    stripe_subscription_id: Mapped[StripeId | None] = mapped_column(index=True)
    stripe_customer_id: Mapped[StripeId | None]
    pledge_id: Mapped[UUID | None]
    status: Mapped[InvoiceStatus] = mapped_column(enum_type(InvoiceStatus))
    billing_reason: Mapped[str | None] = mapped_column(sa.String(64))
    amount_due: Mapped[Minor]
    amount_paid: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    period_start: Mapped[datetime]
    """Of the period the invoice's line is for, not of the invoice itself."""
    period_end: Mapped[datetime]
    synced_at: Mapped[datetime]


class Payment(Base):
    """A Stripe payment intent and the charge that settled it."""

    __tablename__ = "billing_payments"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("amount_refunded_minor >= 0", name="refunded_not_negative"),
        sa.Index(None, "member_id", "paid_at"),  # billing.queries.list_payments
    )

    id: Mapped[IdKey]
    stripe_payment_intent_id: Mapped[StripeId] = mapped_column(unique=True)
    stripe_charge_id: Mapped[StripeId | None]
    stripe_customer_id: Mapped[StripeId | None] = mapped_column(index=True)
    stripe_invoice_id: Mapped[StripeId | None] = mapped_column(index=True)
    stripe_subscription_id: Mapped[StripeId | None] = mapped_column(index=True)
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("members.id"))
    """Set when the payment has succeeded."""
    pledge_id: Mapped[UUID | None] = mapped_column(index=True)
    campaign_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("campaigns.id"))
    status: Mapped[PaymentStatus] = mapped_column(enum_type(PaymentStatus))
    interval: Mapped[Interval] = mapped_column(enum_type(Interval))
    amount_minor: Mapped[Minor]
    """What the reader gave."""
    currency: Mapped[CurrencyCode]
    amount_refunded_minor: Mapped[Minor] = mapped_column(default=0)
    settled_gross_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What Stripe settled, before its fee; null until the balance transaction is there."""
    settled_fee_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    settled_currency: Mapped[str | None] = mapped_column(sa.String(3))
    exchange_rate: Mapped[Decimal | None] = mapped_column(sa.Numeric(20, 10, asdecimal=True))
    stripe_balance_transaction_id: Mapped[StripeId | None] = mapped_column(unique=True)
    method: Mapped[str | None] = mapped_column(sa.String(64))
    """Brand of the card or kind of the method."""
    method_last4: Mapped[str | None] = mapped_column(sa.String(4))
    failure_code: Mapped[str | None] = mapped_column(sa.String(64))
    """Stripe's code for the last failed try; null once paid."""
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    synced_at: Mapped[datetime]


class Refund(Base):
    """A Stripe refund of part or all of a payment."""

    __tablename__ = "billing_refunds"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[IdKey]
    stripe_refund_id: Mapped[StripeId] = mapped_column(unique=True)
    stripe_payment_intent_id: Mapped[StripeId | None] = mapped_column(index=True)
    status: Mapped[RefundStatus] = mapped_column(enum_type(RefundStatus))
    reason: Mapped[str | None] = mapped_column(sa.String(64))
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    stripe_balance_transaction_id: Mapped[StripeId | None]
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime]
