"""Rows that hold people, sealed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, IdKey


class Person(Base):
    """One human being: deleting this row makes everything sealed for them unreadable.

    `sealed_key` is the person's own key, sealed by the vault's; names and addresses, here and in
    receipts, are sealed by the person's key, so no other copy survives the row.
    """

    __tablename__ = "vault_persons"

    id: Mapped[IdKey]
    address_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    sealed_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sealed_address: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sealed_name: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]


class Contact(Base):
    """What somebody typed on a form of ours who is no member, or not yet; forgotten at `forget_at`.

    It bears the id of the row it belongs to (a pledge, a reminder …), and is gone before or with it.
    """

    __tablename__ = "vault_contacts"
    __table_args__ = (sa.Index(None, "forget_at"),)  # vault.forget_stale_contacts

    owner_id: Mapped[UUID] = mapped_column("pledge_id", sa.Uuid, key="owner_id", primary_key=True)
    """Named in the database for its first owners: renaming a column would stop the processes that run."""
    sealed_address: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sealed_name: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    sealed_note: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    """Other words of theirs, such as a dedication."""
    forget_at: Mapped[datetime]
