"""Accounts of staff, the roles they hold, and tries to sign in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, IdKey, enum_type


class StaffRole(StrEnum):
    """What a member of staff may do; the desk's table of permissions says which pages."""

    administrator = "administrator"
    """Everything on the desk."""


class StaffAccount(Base):
    """One person who signs in to the desk.

    The address is the account's name, chosen by the newsroom for its own staff, and is kept in
    clear: it is no supporter's. No IP address, browser or time of day of a visit is stored.
    """

    __tablename__ = "staff_accounts"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_in_lower_case"),)

    id: Mapped[IdKey]
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(128))
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    password_chosen_at: Mapped[datetime | None]
    """Null while the password is the one printed when the account was made: it has to be replaced
    before the desk shows anything."""
    session_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Names the account in its signed session cookies; a new one ends every session."""
    second_factor: Mapped[str | None] = mapped_column(sa.String(32))
    """Flask-Security's name of the method, once it has been proven with a code."""
    sealed_totp_secret: Mapped[str | None] = mapped_column(sa.Text)
    totp_last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The time step of the last code accepted: no code is accepted twice."""
    recovery_hashes: Mapped[str | None] = mapped_column(sa.Text)
    """Hashes of the recovery codes not used yet, parted by spaces; null until codes were made."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    """Set by an administrator: the account can do nothing from here on."""

    grants: Mapped[list["StaffGrant"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class StaffGrant(Base):
    """A role held by an account."""

    __tablename__ = "staff_grants"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff_accounts.id"), primary_key=True)
    role: Mapped[StaffRole] = mapped_column(enum_type(StaffRole), primary_key=True)
    granted_at: Mapped[datetime]


class StaffTries(Base):
    """Tries at one secret since the last success, known or unknown account alike."""

    __tablename__ = "staff_tries"
    __table_args__ = (sa.Index(None, "tried_at"),)  # staff.tries.take_try

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """A keyed hash of what was tried on, so that a mistyped address is not kept."""
    tries: Mapped[int]
    tried_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    """Before this instant no try is looked at."""
