"""Reminders, from the wish to the day they are forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import insert_once
from app.kernel.clock import local_date, months_after
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.reminders.models import Reminder

UNCONFIRMED_DAYS = 3
SENT_KEPT_DAYS = 7
"""Longer than the outbox tries: then it is forgotten whatever became of it."""
HOUR = time(9)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the form is to be filled in with."""

    amount: Money | None
    currency: str
    interval: Interval
    campaign: str | None
    language: str


def take_wish(session: Session, wish: Wish, hashes: Sequence[str], *, now: datetime) -> Reminder:
    """Return the one reminder of an address, made if new; one that was confirmed stays as it is.

    Args: hashes: the address under every key, the present one first.
    """
    known = _find_by_address(session, hashes)
    if known is None:
        values = {"id": new_id(), "address_hash": hashes[0], "created_at": now, **_columns(wish)}
        insert_once(session, Reminder, values)
        known = _find_by_address(session, hashes)
        assert known is not None  # noqa: S101 (inserted above, by us or by another)
    if known.confirmed_at is None:
        for name, value in _columns(wish).items():
            setattr(known, name, value)
    return known


def wish_of(reminder: Reminder) -> Wish:
    """Return what a reminder's form is to be filled in with."""
    amount = reminder.amount_minor
    return Wish(
        amount=Money(amount, reminder.currency) if amount else None,
        currency=reminder.currency,
        interval=reminder.interval,
        campaign=reminder.campaign_slug,
        language=reminder.language,
    )


def find_reminder(session: Session, reminder_id: UUID) -> Reminder | None:
    """Return a reminder, unless it is forgotten."""
    return session.get(Reminder, reminder_id)


def list_due(session: Session, *, now: datetime, limit: int) -> list[Reminder]:
    """Return reminders to be sent, the oldest first, each held until the transaction's end."""
    due = sa.select(Reminder).where(Reminder.due_at <= now, Reminder.queued_at.is_(None))
    return list(session.scalars(due.order_by(Reminder.due_at).limit(limit).with_for_update(skip_locked=True)))


def list_queued(session: Session) -> list[Reminder]:
    """Return reminders that were handed to the outbox."""
    return list(session.scalars(sa.select(Reminder).where(Reminder.queued_at.is_not(None))))


def list_never_confirmed(session: Session, *, now: datetime) -> list[Reminder]:
    """Return reminders that waited in vain for a button to be pressed."""
    born = Reminder.created_at <= now - timedelta(days=UNCONFIRMED_DAYS)
    return list(session.scalars(sa.select(Reminder).where(Reminder.confirmed_at.is_(None), born)))


def forget(session: Session, reminder_id: UUID) -> None:
    """Delete a reminder; its contact is the vault's to forget."""
    session.execute(sa.delete(Reminder).where(Reminder.id == reminder_id))


def next_month(now: datetime, zone: ZoneInfo) -> datetime:
    """Return nine in the morning of the same day next month, or of that month's last day."""
    return months_after(datetime.combine(local_date(now, zone), HOUR, zone), 1)


def _find_by_address(session: Session, hashes: Sequence[str]) -> Reminder | None:
    return session.scalar(sa.select(Reminder).where(Reminder.address_hash.in_(hashes)))


def _columns(wish: Wish) -> dict[str, object]:
    return {
        "amount_minor": wish.amount.minor if wish.amount else None,
        "currency": wish.currency,
        "interval": wish.interval,
        "campaign_slug": wish.campaign,
        "language": wish.language,
    }
