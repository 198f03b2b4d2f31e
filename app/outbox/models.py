"""Queued mail; the row names a member, never an address."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, IdKey, enum_type


class MailKind(StrEnum):
    """Which letter it is."""

    receipt = "receipt"
    """Thanks for a payment, with its receipt."""
    receipt_again = "receipt_again"
    """A receipt its owner asked for once more."""


class QueuedMail(Base):
    """One mail, once per `dedupe_key`, sent by the worker at least once."""

    __tablename__ = "outbox_mails"
    __table_args__ = (
        sa.Index(
            "ix_outbox_mails_pending",
            "retry_at",
            sqlite_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
        ),  # outbox.queue.take_next
    )

    id: Mapped[IdKey]
    """Also the left half of the Message-ID, so that a mail sent twice is shown once."""
    dedupe_key: Mapped[str] = mapped_column(sa.String(128), unique=True)
    kind: Mapped[MailKind] = mapped_column(enum_type(MailKind))
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"), index=True)
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("receipts.id"))
    language: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(255))
    """The error's class and the server's code; never its text, which may hold the address."""
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    """Set when there is nobody to send it to, or the server refused it for good."""
