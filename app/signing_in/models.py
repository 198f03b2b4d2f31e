"""What was sent for signing in, how often was asked, and who is signed in; no row names an address."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, IdKey, enum_type


class SignInRequest(Base):
    """What a member asked for to sign in with: one at a time, so that a new one makes the older void."""

    __tablename__ = "sign_in_requests"
    __table_args__ = (sa.CheckConstraint("tries >= 0", name="tries_not_negative"),)

    id: Mapped[IdKey]
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    link_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """Of the token in the link; null until the mail is written, which is when the token is made."""
    code_hash: Mapped[str | None] = mapped_column(sa.String(64))
    """The vault's keyed hash of the short code, which alone is too short for a hash without a key."""
    tries: Mapped[int] = mapped_column(default=0)
    """Wrong codes typed so far."""
    good_until: Mapped[datetime | None]
    """Ten minutes after the mail was written."""


class ReaderSession(Base):
    """One browser in which a member is signed in; signing out deletes the row."""

    __tablename__ = "reader_sessions"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Of the key in the browser's cookie, which stands nowhere else."""
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    """Written every few minutes at most."""


class CountedBy(StrEnum):
    """What is counted."""

    address = "address"
    network = "network"
    """That asks for mail."""
    appeal = "appeal"
    """A network that tells of the appeal: in cells apart, for a busy site tells a lot."""


class TryCounter(Base):
    """One cell of a sketch that estimates how often something was asked: it names nobody.

    All cells are there from the first migration on, and are only ever counted up: that an address
    or a network was here cannot be told from which rows there are.
    """

    __tablename__ = "sign_in_counters"
    __table_args__ = (sa.CheckConstraint("asked >= 0", name="asked_not_negative"),)

    counted_by: Mapped[CountedBy] = mapped_column(enum_type(CountedBy), primary_key=True)
    cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    asked: Mapped[int]
    period: Mapped[int] = mapped_column(sa.BigInteger)
    """The number of the hour that is counted, since 1970."""
