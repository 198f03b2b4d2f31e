"""One row for each thing we ask Stripe to do: stored first, asked then, done once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, IdKey, StripeId, enum_type
from app.kernel.intervals import Interval


class AskKind(StrEnum):
    """What Stripe is asked to do."""

    refund = "refund"
    """Give part or all of a payment back."""
    cancel = "cancel"
    """End a subscription at once."""
    cancel_later = "cancel_later"
    """End it with the period that is paid for; at once where a payment is overdue."""
    take_back = "take_back"
    """Let a subscription that was to end go on."""
    change_amount = "change_amount"
    """Charge another amount, or by another interval, from the next renewal on."""
    pause = "pause"
    """Charge nothing until a day."""
    resume = "resume"
    """Charge again from the next renewal on."""
    move_charge = "move_charge"
    """Charge next at a later instant, and on that day from then on."""
    pay_invoice = "pay_invoice"
    """Try an open invoice again now."""
    move_customer = "move_customer"
    """Write the member's present address on a customer."""
    forget_customer = "forget_customer"
    """Delete a customer: name, address and cards are gone, and nothing is charged any more."""


class AskMatter(StrEnum):
    """What asks are about: of one object, only the newest ask of a matter is carried out."""

    refund = "refund"
    """Each refund stands by itself, and none replaces another."""
    end = "end"
    amount = "amount"
    collection = "collection"
    day = "day"
    payment = "payment"
    person = "person"
    """Who a customer is."""


class EndReason(StrEnum):
    """Why a member ends their support: what they choose in a list, and never words of theirs."""

    money = "money"
    """It costs too much just now."""
    safety = "safety"
    """It does not feel safe any more."""
    content = "content"
    """The reporting is no longer what they want to support."""
    reading_less = "reading_less"
    """They read it less."""
    elsewhere = "elsewhere"
    """They give in another way."""
    trouble = "trouble"
    """Something about paying did not work."""


class AskedBy(StrEnum):
    """Who wants it."""

    member = "member"
    staff = "staff"
    system = "system"


class Ask(Base):
    """One thing Stripe is to do, once for each nonce; what came of it, Stripe's objects show."""

    __tablename__ = "asks"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint(
            "(kind IN ('refund', 'change_amount')) = (amount_minor IS NOT NULL)", name="amount_where_meant"
        ),
        sa.CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="amount_with_currency"),
        sa.CheckConstraint("(kind = 'change_amount') = (interval IS NOT NULL)", name="interval_where_meant"),
        sa.CheckConstraint("(kind = 'pause') = (resumes_at IS NOT NULL)", name="pause_with_its_end"),
        sa.CheckConstraint("(kind = 'move_charge') = (charge_at IS NOT NULL)", name="move_with_its_day"),
        sa.CheckConstraint(
            "reason IS NULL OR kind IN ('cancel', 'cancel_later')", name="reason_of_an_end_alone"
        ),
        sa.CheckConstraint("staff_id IS NULL OR asked_by = 'staff'", name="staff_named_by_staff_alone"),
        sa.CheckConstraint("(refused_at IS NULL) = (refused_code IS NULL)", name="refused_with_code"),
        sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name="lease_whole"),
        sa.CheckConstraint(
            "(done_at IS NULL OR refused_at IS NULL) AND (done_at IS NULL OR superseded_at IS NULL) "
            "AND (refused_at IS NULL OR superseded_at IS NULL)",
            name="ended_once",
        ),
        sa.Index(
            "ix_asks_pending",
            "retry_at",
            sqlite_where=sa.text("done_at IS NULL AND refused_at IS NULL AND superseded_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL AND refused_at IS NULL AND superseded_at IS NULL"),
        ),  # asks.queue.take_next
        sa.Index(None, "stripe_object_id", "matter"),  # asks.queue, asks.queries
        sa.Index(
            "ix_asks_forgettable",
            "created_at",
            sqlite_where=sa.text("kind <> 'refund'"),
            postgresql_where=sa.text("kind <> 'refund'"),
        ),  # asks.forgetting
    )

    id: Mapped[IdKey]
    """Orders asks by birth; goes to Stripe as the mark of what was done for it."""
    nonce: Mapped[str] = mapped_column(sa.String(128), unique=True)
    """Of the form or the link it came by: sent twice, it is one ask."""
    kind: Mapped[AskKind] = mapped_column(enum_type(AskKind))
    matter: Mapped[AskMatter] = mapped_column(enum_type(AskMatter))
    stripe_object_id: Mapped[StripeId]
    """The payment intent, subscription, invoice or customer it is about."""
    amount_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What to give back, or what each interval is to be charged."""
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    interval: Mapped[Interval | None] = mapped_column(enum_type(Interval))
    resumes_at: Mapped[datetime | None]
    """When a pause is over."""
    charge_at: Mapped[datetime | None]
    """When the next charge is made that was moved."""
    reason: Mapped[EndReason | None] = mapped_column(enum_type(EndReason))
    """Why it ends; null where nobody said so."""
    asked_by: Mapped[AskedBy] = mapped_column(enum_type(AskedBy))
    staff_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("staff_accounts.id"))
    """Null where a command asked, which does not know who typed it."""
    created_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=1)
    """Part of Stripe's idempotency key; raised where only another key gets another answer."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often it was begun, counted before Stripe is asked: not 0 means that it may be done."""
    retry_at: Mapped[datetime]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(sa.String(255))
    """The error's class and Stripe's code; never a message, which may hold a person."""
    done_at: Mapped[datetime | None]
    """Set when Stripe has done it, or shows that it needs no doing."""
    refused_at: Mapped[datetime | None]
    refused_code: Mapped[str | None] = mapped_column(sa.String(64))
    """Stripe's code, or ours: why it was not done and will not be."""
    superseded_at: Mapped[datetime | None]
    """Set when a newer ask of the same matter begins."""
    explained_at: Mapped[datetime | None]
    """Set by the projection of a change that took its cause from this ask."""
    stripe_result_id: Mapped[StripeId | None] = mapped_column(unique=True)
    """The refund that was made."""
