"""Stored events and wanted objects, under Stripe's own ids: each index less is a write less at intake."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, StripeId, enum_type


class ObjectType(StrEnum):
    """The Stripe objects we follow."""

    checkout_session = "checkout.session"
    customer = "customer"
    subscription = "subscription"
    invoice = "invoice"
    payment_intent = "payment_intent"
    refund = "refund"
    dispute = "dispute"
    payout = "payout"


class InboxEvent(Base):
    """A Stripe event, stored once by its id.

    Its payload is not kept: nothing reads it, since objects are always fetched anew, and it may
    hold a person. Stripe keeps it for 30 days.
    """

    __tablename__ = "inbox_events"
    __table_args__ = (
        sa.Index(None, "object_id"),  # inbox.queries.list_events
        sa.Index(None, "received_at"),  # inbox.forgetting
        {"sqlite_with_rowid": False},
    )

    stripe_event_id: Mapped[StripeId] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(128))
    livemode: Mapped[bool]
    object_type: Mapped[ObjectType | None] = mapped_column(enum_type(ObjectType))
    object_id: Mapped[str | None] = mapped_column(sa.String(255))
    """Null where the event names nothing we follow."""
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]


class WantedObject(Base):
    """A Stripe object whose newest picture is wanted while `wanted > done`.

    The lease is a guarded update that works on both databases: whoever's token stands in the row
    may fetch, and only while it still stands may the projection commit.
    """

    __tablename__ = "inbox_objects"
    __table_args__ = (
        sa.Index(
            "ix_inbox_objects_pending",
            "retry_at",
            sqlite_where=sa.text("wanted > done"),
            postgresql_where=sa.text("wanted > done"),
        ),  # inbox.leases.take_next
        sa.Index(
            "ix_inbox_objects_failing",
            "attempts",
            sqlite_where=sa.text("attempts > 0"),
            postgresql_where=sa.text("attempts > 0"),
        ),  # inbox.queries: dead letters
        {"sqlite_with_rowid": False},
    )

    object_id: Mapped[StripeId] = mapped_column(primary_key=True)
    """At Stripe no two objects share one, of whatever type."""
    object_type: Mapped[ObjectType] = mapped_column(enum_type(ObjectType))
    wanted: Mapped[int] = mapped_column(sa.BigInteger, default=1)
    done: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    retry_at: Mapped[datetime]
    """Not before this instant; moved on by each failure."""
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """Failures since the last success."""
    last_error: Mapped[str | None] = mapped_column(sa.String(255))
    """The error's class and Stripe's code; never a message, which may hold a person."""
    synced_at: Mapped[datetime | None]
    wanted_since: Mapped[datetime | None]
    """Since when it has been waiting; tells nothing once `wanted == done`."""
    silent_before: Mapped[datetime | None]
    """Set by a sweep: nothing that happened earlier is mailed about; cleared once applied."""
    digest: Mapped[str | None] = mapped_column(sa.String(32))
    """Of the picture applied last: a sweep compares it with what Stripe lists."""
