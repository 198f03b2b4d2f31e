"""What Stripe holds, as last seen there, row by row."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.billing.statuses import (
    DisputeStatus,
    InvoiceStatus,
    PaymentStatus,
    PayoutStatus,
    RefundStatus,
    SubscriptionStatus,
)
from app.db import Base, CurrencyCode, IdKey, Minor, StripeId, enum_type
from app.kernel.intervals import Interval


class Customer(Base):
    """A Stripe customer; one member may have several."""

    __tablename__ = "billing_customers"
    __table_args__ = (
        sa.Index(
            "ix_billing_customers_contested",
            "member_id",
            sqlite_where=sa.text("address_of_member_id IS NOT NULL"),
            postgresql_where=sa.text("address_of_member_id IS NOT NULL"),
        ),  # billing.queries.select_contested
    )

    id: Mapped[IdKey]
    stripe_customer_id: Mapped[StripeId] = mapped_column(unique=True)
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("members.id"), index=True)
    """Set by the first payment."""
    deleted_at: Mapped[datetime | None]
    """Set when Stripe says the customer is gone; the instant we learned it."""
    address_digest: Mapped[str | None] = mapped_column(sa.String(64))
    """The vault's keyed hash of the address Stripe showed last: tells that it was changed there."""
    address_of_member_id: Mapped[UUID | None]
    """Another member, whose address Stripe shows on this customer: for staff to settle."""
    listed_at: Mapped[datetime | None]
    """When a full sweep saw it in Stripe's list, which has no deleted ones."""


class Subscription(Base):
    """A Stripe subscription with the one item we sell on it."""

    __tablename__ = "billing_subscriptions"
    __table_args__ = (
        sa.Index(None, "status"),  # reports and the desk's member list
        sa.Index(
            "ix_billing_subscriptions_renewing",
            "current_period_end",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),  # billing.renewing: notices before a charge
        sa.Index(
            "ix_billing_subscriptions_running",
            "member_id",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),  # billing.doubled
    )

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
    anchor_at: Mapped[datetime | None]
    """Whose day and hour every period begins on; null until Stripe is looked at after 0025."""
    cancel_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None] = mapped_column(sa.String(64))
    """Stripe's: `cancellation_requested`, `payment_failed` or `payment_disputed`."""
    cancellation_feedback: Mapped[str | None] = mapped_column(sa.String(64))
    """What the member chose in Stripe's list; never a text of theirs."""
    trial_end: Mapped[datetime | None]
    """While the change from one interval to another waits for the paid period's end."""
    pause_behavior: Mapped[str | None] = mapped_column(sa.String(32))
    """`void`, `keep_as_draft` or `mark_uncollectible` while paused; the status stays active."""
    paused_until: Mapped[datetime | None]
    """When a pause ends by itself."""
    method: Mapped[str | None] = mapped_column(sa.String(64))
    """Brand or kind of what the next renewal is charged to."""
    method_last4: Mapped[str | None] = mapped_column(sa.String(4))
    method_expires_on: Mapped[date | None]
    """The last day of the month the card is good for."""
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
    attempt_count: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    """How often Stripe has tried to collect it."""
    next_attempt_at: Mapped[datetime | None]
    """When Stripe tries again; null once it no longer does."""
    finalized_at: Mapped[datetime | None]
    synced_at: Mapped[datetime]


class InvoicePayment(Base):
    """Which invoice a payment intent pays: neither of the two names the other at Stripe."""

    __tablename__ = "billing_invoice_payments"

    stripe_payment_intent_id: Mapped[StripeId] = mapped_column(primary_key=True)
    stripe_invoice_id: Mapped[StripeId] = mapped_column(index=True)


class Payment(Base):
    """A Stripe payment intent and the charge that settled it."""

    __tablename__ = "billing_payments"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("amount_refunded_minor >= 0", name="refunded_not_negative"),
        sa.Index(None, "member_id", "paid_at"),  # billing.queries.list_payments
        sa.Index(
            "ix_billing_payments_unkept",
            "id",
            sqlite_where=sa.text("paid_at IS NOT NULL AND kept_receipt_number IS NULL"),
            postgresql_where=sa.text("paid_at IS NOT NULL AND kept_receipt_number IS NULL"),
        ),  # flows.keep_numbers
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
    decline_code: Mapped[str | None] = mapped_column(sa.String(64))
    """Why the bank said no, finer than `failure_code`: `insufficient_funds`, `expired_card`."""
    kept_receipt_number: Mapped[str | None] = mapped_column(sa.String(48))
    """The receipt's number as Stripe keeps it for us, so that a restored database finds it again."""
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    synced_at: Mapped[datetime]


class Refund(Base):
    """A Stripe refund of part or all of a payment."""

    __tablename__ = "billing_refunds"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.Index(
            "ix_billing_refunds_unkept",
            "id",
            sqlite_where=sa.text("kept_note_number IS NULL"),
            postgresql_where=sa.text("kept_note_number IS NULL"),
        ),  # flows.keep_numbers
    )

    id: Mapped[IdKey]
    stripe_refund_id: Mapped[StripeId] = mapped_column(unique=True)
    stripe_payment_intent_id: Mapped[StripeId | None] = mapped_column(index=True)
    status: Mapped[RefundStatus] = mapped_column(enum_type(RefundStatus))
    reason: Mapped[str | None] = mapped_column(sa.String(64))
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    stripe_balance_transaction_id: Mapped[StripeId | None]
    kept_note_number: Mapped[str | None] = mapped_column(sa.String(48))
    """The credit note's number as Stripe keeps it for us."""
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime]


class Dispute(Base):
    """A Stripe dispute: a bank takes a payment back, or only asks about it."""

    __tablename__ = "billing_disputes"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.Index(None, "status", "evidence_due_at"),  # billing.queries: disputes that want an answer
    )

    id: Mapped[IdKey]
    stripe_dispute_id: Mapped[StripeId] = mapped_column(unique=True)
    stripe_charge_id: Mapped[StripeId | None]
    stripe_payment_intent_id: Mapped[StripeId | None] = mapped_column(index=True)
    status: Mapped[DisputeStatus] = mapped_column(enum_type(DisputeStatus))
    reason: Mapped[str | None] = mapped_column(sa.String(64))
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    evidence_due_at: Mapped[datetime | None]
    """Until when evidence is taken; null once it no longer is."""
    withdrawn_at: Mapped[datetime | None]
    """When the money left Stripe's balance; null for an inquiry."""
    returned_at: Mapped[datetime | None]
    """When it came back."""
    lost_at: Mapped[datetime | None]
    """When it was lost, as it was reported: kept here, for the event that told it is not."""
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime]


class Payout(Base):
    """A Stripe payout: a line of the newsroom's bank statement."""

    __tablename__ = "billing_payouts"
    __table_args__ = (sa.Index(None, "arrival_on"),)  # billing.queries.list_payouts

    id: Mapped[IdKey]
    stripe_payout_id: Mapped[StripeId] = mapped_column(unique=True)
    status: Mapped[PayoutStatus] = mapped_column(enum_type(PayoutStatus))
    amount_minor: Mapped[Minor]
    """Negative where Stripe takes money back from the bank."""
    currency: Mapped[CurrencyCode]
    arrival_on: Mapped[date]
    """The day it is, or was to be, on the bank statement."""
    automatic: Mapped[bool]
    """Whether Stripe can say which balance transactions it is made of."""
    failure_code: Mapped[str | None] = mapped_column(sa.String(64))
    stripe_balance_transaction_id: Mapped[StripeId | None]
    stripe_failure_balance_transaction_id: Mapped[StripeId | None]
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime]


class PayoutLine(Base):
    """One balance transaction that an automatic payout is made of; signed minor units."""

    __tablename__ = "billing_payout_lines"
    __table_args__ = (sa.CheckConstraint("gross_minor - fee_minor = net_minor", name="net_of_gross_and_fee"),)

    stripe_balance_transaction_id: Mapped[StripeId] = mapped_column(primary_key=True)
    stripe_payout_id: Mapped[StripeId] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(sa.String(64))
    """Stripe's `reporting_category`: `charge`, `refund`, `dispute`, `fee` …"""
    stripe_source_id: Mapped[StripeId | None]
    gross_minor: Mapped[Minor]
    fee_minor: Mapped[Minor]
    net_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    occurred_at: Mapped[datetime]
