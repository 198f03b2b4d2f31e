"""Balance transactions that wait for their entry: how many, of how much, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import upsert
from app.kernel.money import Money
from app.reconciliation.models import UnpostedTransaction


@dataclass(frozen=True, kw_only=True)
class Unposted:
    """One of them.

    Attributes: net: None where Stripe's picture could not be read; bringer: type and id of the object whose
        sync is to post it.
    """

    transaction_id: str
    category: str | None = None
    net: Money | None = None
    bringer: tuple[str, str] | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnpostedState:
    """All of them in numbers: `minor_by_currency` what they moved, as far as it could be read."""

    count: int
    oldest_at: datetime | None
    minor_by_currency: dict[str, int]


def remember_unposted(session: Session, found: Iterable[Unposted], *, now: datetime) -> None:
    """Remember transactions without an entry; those remembered already keep their age."""
    rows = [
        {
            "stripe_balance_transaction_id": one.transaction_id,
            "category": one.category,
            "net_minor": one.net.minor if one.net else None,
            "currency": one.net.currency if one.net else None,
            "bringer_type": one.bringer[0] if one.bringer else None,
            "bringer_id": one.bringer[1] if one.bringer else None,
            "found_at": now,
            "retry_at": now,
            "last_error": one.error,
        }
        for one in found
    ]
    if rows:
        session.execute(upsert(session, UnpostedTransaction).values(rows).on_conflict_do_nothing())


def postpone_unposted(session: Session, transaction_id: str, *, error: str, retry_at: datetime) -> None:
    """Record why a transaction could not be posted by itself, and when to try again."""
    which = UnpostedTransaction.stripe_balance_transaction_id == transaction_id
    failed = sa.update(UnpostedTransaction).where(which).values(last_error=error, retry_at=retry_at)
    session.execute(failed)


def forget_unposted(session: Session, transaction_id: str) -> None:
    """Forget a transaction that has its entry by now."""
    which = UnpostedTransaction.stripe_balance_transaction_id == transaction_id
    session.execute(sa.delete(UnpostedTransaction).where(which))


def list_unposted(session: Session, *, limit: int) -> list[UnpostedTransaction]:
    """Return those that have waited longest."""
    table = UnpostedTransaction
    oldest_first = sa.select(table).order_by(table.found_at, table.stripe_balance_transaction_id)
    return list(session.scalars(oldest_first.limit(limit)))


def unposted_state(session: Session) -> UnpostedState:
    """Return how many wait, since when, and how much they moved."""
    table = UnpostedTransaction
    count, oldest_at = session.execute(sa.select(sa.func.count(), sa.func.min(table.found_at))).one()
    summed = sa.select(table.currency, sa.func.sum(table.net_minor)).group_by(table.currency)
    sums = {currency: int(minor or 0) for currency, minor in session.execute(summed) if currency}
    return UnpostedState(count=count, oldest_at=oldest_at, minor_by_currency=sums)
