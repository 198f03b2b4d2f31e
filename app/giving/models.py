"""Pledges, the campaigns they came from, and what was agreed on fees since."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, CurrencyCode, IdKey, Minor, StripeId, enum_type
from app.kernel.intervals import Interval


class NoteKind(StrEnum):
    """What a reader's words with a pledge are."""

    word = "word"
    """Something to tell the newsroom."""
    honour = "honour"
    """In honour of somebody."""
    memory = "memory"
    """In memory of somebody."""


class Campaign(Base):
    """Where money came from, as staff name it; made by the first payment that names it."""

    __tablename__ = "campaigns"

    id: Mapped[IdKey]
    slug: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]


class Pledge(Base):
    """One promise with its frozen parameters; the reader's address is in the vault."""

    __tablename__ = "pledges"
    __table_args__ = (
        sa.UniqueConstraint("form_nonce", "form_digest"),
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("fees_minor >= 0 AND fees_minor < amount_minor", name="fees_part_of_amount"),
    )

    id: Mapped[IdKey]
    form_nonce: Mapped[str] = mapped_column(sa.String(64))
    """The hidden field that tells one showing of the form from another."""
    form_digest: Mapped[str] = mapped_column(sa.String(64))
    """A keyed hash of all that was typed: the same form twice is the same pledge."""
    amount_minor: Mapped[Minor]
    """All that is charged: the gift, and the fees where the reader covers them."""
    fees_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    """The part of it that covers the fees; 0 where the reader covers none."""
    currency: Mapped[CurrencyCode]
    interval: Mapped[Interval] = mapped_column(enum_type(Interval))
    campaign_slug: Mapped[str | None] = mapped_column(sa.String(64))
    appeal_variant: Mapped[str | None] = mapped_column(sa.String(32))
    """Of the appeal under an article that led here; null where there was none, or it was not counted."""
    language: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]

    title: Mapped[str] = mapped_column(sa.String(255))
    """What Stripe's page and the reader's statement call it; frozen with the rest, because the
    same idempotency key must always ask for the same thing."""
    agreed_words: Mapped[str | None] = mapped_column(sa.String(500))
    """What Stripe's page says beside its button where the fees are covered; frozen as well."""
    resume_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Unguessable; the last part of the link that takes the reader up again."""

    attempt: Mapped[int] = mapped_column(default=1)
    """Counts the Checkout sessions asked for; part of Stripe's idempotency key."""
    opening_until: Mapped[datetime | None]
    """Set while one request is asking Stripe for the session; the others wait."""
    opening_token: Mapped[UUID | None]
    stripe_checkout_session_id: Mapped[StripeId | None] = mapped_column(unique=True)
    checkout_url: Mapped[str | None] = mapped_column(sa.Text)
    checkout_until: Mapped[datetime | None]
    """When Stripe closes the session."""
    completed_at: Mapped[datetime | None]
    """Set by the projection of a completed session: the reader finished Stripe's page."""
    expired_at: Mapped[datetime | None]
    """Set by the projection of an expired session: it can be opened again."""


class FeeAgreement(Base):
    """What a member agreed to with one change of a subscription: never altered, the newest holds."""

    __tablename__ = "fee_agreements"
    __table_args__ = (
        sa.CheckConstraint("fees_minor >= 0 AND fees_minor < amount_minor", name="fees_part_of_amount"),
    )

    id: Mapped[IdKey]
    stripe_subscription_id: Mapped[StripeId] = mapped_column(index=True)
    amount_minor: Mapped[Minor]
    """All that each interval is charged from then on."""
    fees_minor: Mapped[Minor]
    """The part of it that covers the fees; 0 where the change covers none."""
    currency: Mapped[CurrencyCode]
    agreed_at: Mapped[datetime]


class Note(Base):
    """A dedication, or a word to the newsroom, that came with a paid pledge; sealed by its giver's own key.

    Until the pledge is paid, the words are with the contact in the vault, and are forgotten with it.
    """

    __tablename__ = "pledge_notes"
    id: Mapped[IdKey]
    pledge_id: Mapped[UUID] = mapped_column(sa.ForeignKey("pledges.id"), unique=True)
    member_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[NoteKind] = mapped_column(enum_type(NoteKind))
    sealed_text: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """Set by staff, who have read it and done what there is to do."""


class ResumeWish(Base):
    """A reader's wish for one mail with a link, should they not finish; gone once it is mailed or needless.

    One for each mailbox: whoever begins anew is written to of the newest alone.
    """

    __tablename__ = "resume_wishes"

    address_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """The vault's keyed hash of the address."""
    pledge_id: Mapped[UUID] = mapped_column(sa.ForeignKey("pledges.id"), unique=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
