"""Sweeps, what they found, where they stopped, and the deployment's own standing."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, CurrencyCode, IdKey, Minor, StripeId, enum_type


class SweepKind(StrEnum):
    """How much of Stripe a sweep looks at."""

    events = "events"
    """What Stripe reported since the last event we know."""
    recent = "recent"
    """Objects made of late, whatever Stripe reported."""
    full = "full"
    """Every object."""
    backfill = "backfill"
    """Every object, of an account that was there before us."""


class DriftKind(StrEnum):
    """In what way our rows differed."""

    missing = "missing"
    """We had never seen the object."""
    differs = "differs"
    """Stripe showed another picture than the one applied last."""
    unposted = "unposted"
    """A balance transaction had no entry in the ledger."""
    gone = "gone"
    """Stripe no longer knows an object that we held to be there."""


class Sweep(Base):
    """One comparison with Stripe; it can be broken off and gone on with."""

    __tablename__ = "sweeps"
    __table_args__ = (sa.Index(None, "kind", "started_at"),)  # reconciliation.queries

    id: Mapped[IdKey]
    kind: Mapped[SweepKind] = mapped_column(enum_type(SweepKind))
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    """When it last got on."""
    finished_at: Mapped[datetime | None]
    position: Mapped[str | None] = mapped_column(sa.Text)
    """JSON: how far it is with each kind of object; where it goes on after a break."""
    seen: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    """Objects compared."""
    drifted: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    """Objects that differed and were asked for anew."""
    last_error: Mapped[str | None] = mapped_column(sa.String(255))


class Drift(Base):
    """One difference that a sweep found; what mended it is the object's sync."""

    __tablename__ = "drifts"
    __table_args__ = (sa.Index(None, "sweep_id"), sa.Index(None, "found_at"))  # reconciliation.queries

    id: Mapped[IdKey]
    sweep_id: Mapped[UUID] = mapped_column(sa.ForeignKey("sweeps.id"))
    kind: Mapped[DriftKind] = mapped_column(enum_type(DriftKind))
    object_type: Mapped[str] = mapped_column(sa.String(32))
    object_id: Mapped[StripeId]
    found_at: Mapped[datetime]


class Cursor(Base):
    """How far we have read one of Stripe's lists."""

    __tablename__ = "reconciliation_cursors"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    stripe_id: Mapped[StripeId | None]
    """The newest object read."""
    occurred_at: Mapped[datetime | None]
    """When Stripe made it."""
    read_at: Mapped[datetime]


class BalanceCheck(Base):
    """What our books and Stripe said last of one currency's balance."""

    __tablename__ = "balance_checks"

    currency: Mapped[CurrencyCode] = mapped_column(primary_key=True)
    ours_minor: Mapped[Minor]
    """Debits less credits of the ledger's account `stripe_balance`."""
    theirs_minor: Mapped[Minor]
    """What Stripe holds, available or pending."""
    checked_at: Mapped[datetime]


class UnpostedTransaction(Base):
    """A balance transaction at Stripe that has no entry in the books yet; gone once it has one."""

    __tablename__ = "unposted_transactions"
    __table_args__ = (
        sa.CheckConstraint("(net_minor IS NULL) = (currency IS NULL)", name="amount_with_currency"),
        sa.CheckConstraint("(bringer_type IS NULL) = (bringer_id IS NULL)", name="bringer_whole"),
    )

    stripe_balance_transaction_id: Mapped[StripeId] = mapped_column(primary_key=True)
    category: Mapped[str | None] = mapped_column(sa.String(64))
    """Stripe's `reporting_category`; null, as its amount, where Stripe's picture could not be read."""
    net_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What it moved the balance by."""
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    bringer_type: Mapped[str | None] = mapped_column(sa.String(32))
    bringer_id: Mapped[StripeId | None]
    """The object whose sync is to post it; null where no object brings it."""
    found_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    """Not posted by itself before this instant; moved on by each failure."""
    last_error: Mapped[str | None] = mapped_column(sa.String(255))
    """The error's class and Stripe's code."""


class Deployment(Base):
    """The one row that says whether this database may speak: to Stripe and to members."""

    __tablename__ = "deployment"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(sa.BigInteger)
    """Raised at every start of a worker and every hour, here and at Stripe: a database that is behind
    Stripe's was restored from a backup."""
    muted_at: Mapped[datetime | None]
    """Set when the database was found to be older than Stripe, or by hand; cleared by `safety unmute`."""
    swept_at: Mapped[datetime | None]
    """When a full sweep was finished since it was muted."""
    news_since: Mapped[datetime | None]
    """Set by the first start: nothing older is mailed about, for somebody else was there then."""
    kept_since: Mapped[datetime | None]
    """When the product that holds Stripe's count was made, as Stripe says: another instant, or no such
    product, is another account. Set by the first look that finds it."""
