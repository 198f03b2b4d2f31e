"""Receipts, what answers them, and the counters that number them without gaps."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, CurrencyCode, IdKey, Minor, StripeId, enum_type
from app.kernel.intervals import Interval


class ReceiptCounter(Base):
    """The last number given out for a legal entity and year; raised in the receipt's transaction."""

    __tablename__ = "receipt_counters"

    legal_entity: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    year: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    last_serial: Mapped[int]
    whole_up_to: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    """No number up to this one is missing; raised by `receipts.numbers` while it fills holes."""


class Receipt(Base):
    """All that a receipt prints, frozen; triggers refuse every update and delete."""

    __tablename__ = "receipts"
    __table_args__ = (
        sa.UniqueConstraint("legal_entity", "year", "serial"),
        sa.CheckConstraint("serial > 0", name="serial_positive"),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.Index(None, "member_id"),  # receipts.queries.list_receipts
    )

    id: Mapped[IdKey]
    legal_entity: Mapped[str] = mapped_column(sa.String(32))
    """The entity's short key in the newsroom's file, part of the number."""
    year: Mapped[int] = mapped_column(sa.SmallInteger)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(48), unique=True)
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("billing_payments.id"), unique=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"))
    paid_on: Mapped[date]
    """The day of the payment in the newsroom's time zone; decides the year of the number."""
    language: Mapped[str] = mapped_column(sa.String(8))
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    interval: Mapped[Interval] = mapped_column(enum_type(Interval))
    period_start_on: Mapped[date | None]
    period_end_on: Mapped[date | None]
    """The last day of the period paid for; null for a gift made once."""
    wording: Mapped[str] = mapped_column(sa.Text)
    """JSON: the newsroom's name, legal entity, tax and goods wording as they were on the day."""
    payment_method: Mapped[str | None] = mapped_column(sa.String(96))
    sealed_name: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    """Sealed by the person's own key: unreadable once the person is erased."""
    created_at: Mapped[datetime]


class CreditNoteCounter(Base):
    """The last number given to a credit note of a legal entity and year."""

    __tablename__ = "credit_note_counters"

    legal_entity: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    year: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    last_serial: Mapped[int]
    whole_up_to: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    """As a receipt counter's."""


class CreditNote(Base):
    """The document that answers a refund, frozen; triggers refuse every update and delete."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        sa.UniqueConstraint("legal_entity", "year", "serial"),
        sa.CheckConstraint("serial > 0", name="serial_positive"),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.Index(None, "receipt_id"),  # receipts.queries.list_credit_notes
        sa.Index(None, "member_id"),  # receipts.queries.list_credit_notes
    )

    id: Mapped[IdKey]
    legal_entity: Mapped[str] = mapped_column(sa.String(32))
    year: Mapped[int] = mapped_column(sa.SmallInteger)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(48), unique=True)
    receipt_id: Mapped[UUID] = mapped_column(sa.ForeignKey("receipts.id"))
    """What it answers."""
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"))
    stripe_refund_id: Mapped[StripeId] = mapped_column(unique=True)
    refunded_on: Mapped[date]
    """The day of the refund in the newsroom's time zone; decides the year of the number."""
    language: Mapped[str] = mapped_column(sa.String(8))
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    wording: Mapped[str] = mapped_column(sa.Text)
    """JSON, as a receipt's."""
    sealed_name: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]


class NoteKind(StrEnum):
    """What became of a payment after its receipt was given."""

    disputed = "disputed"
    """The payer's bank took the money back."""
    dispute_won = "dispute_won"
    """The bank returned it."""
    dispute_lost = "dispute_lost"
    debit_returned = "debit_returned"
    """A bank debit was reversed after it had succeeded."""
    refund_failed = "refund_failed"
    """The refund did not arrive: its credit note no longer holds."""


class ReceiptNote(Base):
    """A dated remark that a receipt is drawn with; added, never changed."""

    __tablename__ = "receipt_notes"
    __table_args__ = (
        sa.UniqueConstraint("stripe_object_id", "kind"),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.Index(None, "receipt_id"),  # receipts.queries.list_notes
    )

    id: Mapped[IdKey]
    receipt_id: Mapped[UUID] = mapped_column(sa.ForeignKey("receipts.id"))
    kind: Mapped[NoteKind] = mapped_column(enum_type(NoteKind))
    stripe_object_id: Mapped[StripeId]
    """The dispute or refund it tells of."""
    noted_on: Mapped[date]
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    created_at: Mapped[datetime]
