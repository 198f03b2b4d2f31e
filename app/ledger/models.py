"""Entries and postings; triggers of the first migration refuse every update and delete."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, CurrencyCode, IdKey, Minor, StripeId, enum_type


class Account(StrEnum):
    """Where money is, or what it was for."""

    stripe_balance = "stripe_balance"
    """What Stripe holds for the newsroom."""
    processing_fees = "processing_fees"
    """What Stripe kept."""
    contributions = "contributions"
    """What readers gave."""
    refunds = "refunds"
    """What was given back; set against contributions."""
    disputes = "disputes"
    """What banks took back, less what they returned; set against contributions."""
    dispute_fees = "dispute_fees"
    """What Stripe kept for disputes."""
    stripe_fees = "stripe_fees"
    """What Stripe charged apart from any payment."""
    bank = "bank"
    """What was paid out to the newsroom's bank."""
    adjustments = "adjustments"
    """What Stripe moved for a reason of its own."""


class Direction(StrEnum):
    """The side of a posting."""

    debit = "debit"
    credit = "credit"


class EntryKind(StrEnum):
    """What an entry records."""

    payment = "payment"
    refund = "refund"
    refund_failure = "refund_failure"
    """A refund the bank sent back: Stripe returned the money to the balance."""
    dispute = "dispute"
    """A bank took a payment back."""
    dispute_reversal = "dispute_reversal"
    """A dispute was won: the bank returned the money."""
    payout = "payout"
    """Money on its way to the newsroom's bank."""
    payout_failure = "payout_failure"
    """A payout that came back, failed or canceled."""
    stripe_fee = "stripe_fee"
    """A fee apart from any payment."""
    adjustment = "adjustment"
    """Anything else."""


class Entry(Base):
    """One balance transaction, balanced."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        sa.Index(None, "booked_on", "currency"),  # reports.money
        sa.Index(None, "member_id"),  # the member's record on the desk
    )

    id: Mapped[IdKey]
    kind: Mapped[EntryKind] = mapped_column(enum_type(EntryKind))
    stripe_balance_transaction_id: Mapped[StripeId] = mapped_column(unique=True)
    occurred_at: Mapped[datetime]
    booked_on: Mapped[date]
    """The day in the newsroom's time zone: decides the report period."""
    currency: Mapped[CurrencyCode]
    """The settled currency."""
    given_minor: Mapped[Minor]
    """What the reader gave or lost again, in `given_currency`; a memo beside the books.

    As settled where no reader is in it, as in a payout."""
    given_currency: Mapped[CurrencyCode]
    payment_id: Mapped[UUID | None]
    member_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    postings: Mapped[list["Posting"]] = relationship(order_by="Posting.position", lazy="raise")


class Posting(Base):
    """One line of an entry: positive, on one side of one account."""

    __tablename__ = "ledger_postings"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_positive"),)

    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ledger_entries.id"), primary_key=True)
    position: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    account: Mapped[Account] = mapped_column(enum_type(Account))
    direction: Mapped[Direction] = mapped_column(enum_type(Direction))
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
