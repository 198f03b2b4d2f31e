"""Gift memberships, the time they give, and claims that wait for their address to be confirmed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, IdKey


class Gift(Base):
    """Some months of support that one person pays for and another claims; `GiftPeriod` says who.

    An address to send it to, if the giver typed one, is a contact in the vault, under the same id.
    """

    __tablename__ = "gifts"
    __table_args__ = (
        sa.CheckConstraint("months > 0", name="months_positive"),
        sa.CheckConstraint("claimed_at IS NULL OR paid_at IS NOT NULL", name="paid_before_claimed"),
        sa.CheckConstraint("(paid_at IS NULL) = (member_id IS NULL)", name="giver_once_paid"),
        sa.Index(None, "send_at"),  # gifts.keeping.list_due
    )

    id: Mapped[IdKey]
    pledge_id: Mapped[UUID] = mapped_column(sa.ForeignKey("pledges.id"), unique=True)
    months: Mapped[int]
    language: Mapped[str] = mapped_column(sa.String(8))
    """The giver's, when they gave; the recipient is written to in it."""
    created_at: Mapped[datetime]
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("members.id"), index=True)
    """Who gave it; set once it is paid."""
    paid_at: Mapped[datetime | None]
    code_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """The vault's keyed hash of the code that claims it."""
    sealed_code: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    """By the giver's own key, so that they can be shown it again; gone once it is claimed."""
    sealed_words: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    """The giver's words to the recipient, sealed the same way; gone with the code."""
    claim_until: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    """When the recipient is to be written to; null where the giver hands the code over by themselves."""
    queued_at: Mapped[datetime | None]
    """When the mail to the recipient was handed to the outbox."""
    claimed_at: Mapped[datetime | None]


class GiftPeriod(Base):
    """The time that a claimed gift gives: one for each gift, so that none is claimed twice."""

    __tablename__ = "gift_periods"
    __table_args__ = (sa.CheckConstraint("starts_at < until", name="starts_before_until"),)

    id: Mapped[IdKey]
    gift_id: Mapped[UUID] = mapped_column(sa.ForeignKey("gifts.id"), unique=True)
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"), index=True)
    """Who claimed it."""
    claimed_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    """When it was claimed, or the end of a gift that ran then."""
    until: Mapped[datetime] = mapped_column(index=True)


class GiftClaim(Base):
    """Somebody who holds a code has typed an address, a contact under this id, and must confirm it by mail.

    One at a time for each gift: a new claim takes the place of an older one.
    """

    __tablename__ = "gift_claims"
    __table_args__ = (sa.CheckConstraint("tries >= 0", name="tries_not_negative"),)

    id: Mapped[IdKey]
    gift_id: Mapped[UUID] = mapped_column(sa.ForeignKey("gifts.id"), unique=True)
    language: Mapped[str] = mapped_column(sa.String(8))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    link_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """Of the token in the link; null until the mail is written, which is when the token is made."""
    code_hash: Mapped[str | None] = mapped_column(sa.String(64))
    """The vault's keyed hash of the short code in the same mail."""
    tries: Mapped[int] = mapped_column(default=0)
    good_until: Mapped[datetime | None]
