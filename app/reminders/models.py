"""A reminder that waits; whom it is for is a contact in the vault, under the same id."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, CurrencyCode, IdKey, enum_type
from app.kernel.intervals import Interval


class Reminder(Base):
    """One mail somebody wants next month: gone once it is sent, or if it was not confirmed in time."""

    __tablename__ = "reminders"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (due_at IS NULL)", name="due_once_confirmed"),
        sa.Index(None, "due_at"),  # reminders.waiting.list_due
    )

    id: Mapped[IdKey]
    address_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """A keyed hash: at most one reminder waits for an address."""
    amount_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What was chosen; null where no amount was."""
    currency: Mapped[CurrencyCode]
    interval: Mapped[Interval] = mapped_column(enum_type(Interval))
    campaign_slug: Mapped[str | None] = mapped_column(sa.String(64))
    language: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """Set when a button behind the link in the mail was pressed."""
    due_at: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    """Set when the reminder was handed to the outbox."""
