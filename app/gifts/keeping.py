"""Gifts, from the form to the day they are claimed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, insert_once
from app.gifts.models import Gift, GiftPeriod
from app.kernel.ids import new_id


def add_gift(
    session: Session,
    pledge_id: UUID,
    *,
    months: int,
    language: str,
    send_at: datetime | None,
    now: datetime,
) -> UUID:
    """Store what a new pledge is for; returns the gift's id."""
    values = {"id": new_id(), "pledge_id": pledge_id, "months": months, "language": language}
    insert_once(session, Gift, {**values, "send_at": send_at, "created_at": now})
    return session.scalars(sa.select(Gift.id).where(Gift.pledge_id == pledge_id)).one()


def find_gift(session: Session, gift_id: UUID) -> Gift | None:
    """Return a gift."""
    return session.get(Gift, gift_id)


def find_gift_of_pledge(session: Session, pledge_id: UUID) -> Gift | None:
    """Return the gift that a pledge is for."""
    return session.scalar(sa.select(Gift).where(Gift.pledge_id == pledge_id))


def find_gift_by_code(session: Session, code_hashes: Sequence[str]) -> Gift | None:
    """Return the gift that a code claims. Args: code_hashes: of the code, under every key."""
    return session.scalar(sa.select(Gift).where(Gift.code_hash.in_(code_hashes)))


def list_given(session: Session, member_ids: Iterable[UUID]) -> list[Gift]:
    """Return the gifts that these members have paid for, the newest first."""
    statement = sa.select(Gift).where(Gift.member_id.in_(list(member_ids)))
    return list(session.scalars(statement.order_by(Gift.paid_at.desc(), Gift.id.desc())))


def list_received(session: Session, member_ids: Iterable[UUID]) -> list[tuple[GiftPeriod, UUID]]:
    """Return the time that gifts gave these members, the earliest end first, each with the gift's pledge."""
    return _periods(session, GiftPeriod.member_id.in_(list(member_ids)))


def list_due(session: Session, *, now: datetime, limit: int) -> list[Gift]:
    """Return paid gifts whose recipient is to be written to by now, each held until the transaction's end."""
    due = sa.select(Gift).where(
        Gift.send_at <= now,
        Gift.paid_at.is_not(None),
        Gift.queued_at.is_(None),
        Gift.claimed_at.is_(None),
    )
    return list(session.scalars(due.order_by(Gift.send_at).limit(limit).with_for_update(skip_locked=True)))


def list_sent(session: Session, *, since: datetime) -> list[Gift]:
    """Return the gifts whose mail to the recipient was queued after an instant."""
    return list(session.scalars(sa.select(Gift).where(Gift.queued_at > since)))


def list_ending(session: Session, *, after: datetime, until: datetime) -> list[tuple[GiftPeriod, UUID]]:
    """Return the periods that end between two instants, each with its gift's pledge."""
    return _periods(session, GiftPeriod.until > after, GiftPeriod.until <= until)


def take_gift(session: Session, gift_id: UUID, *, now: datetime) -> bool:
    """Take a gift that nobody has claimed, and forget its code and the words with it; False where it is gone.

    The hash of the code stays: whoever types it again is told that it was used.
    """
    free = sa.update(Gift).where(
        Gift.id == gift_id, Gift.paid_at.is_not(None), Gift.claimed_at.is_(None), Gift.claim_until > now
    )
    taken = free.values(claimed_at=now, sealed_code=None, sealed_words=None, send_at=None)
    return changed_rows(session, taken) == 1


def add_period(
    session: Session, gift_id: UUID, member_id: UUID, *, span: tuple[datetime, datetime], now: datetime
) -> None:
    """Store whose a claimed gift is, and from when till when it lasts."""
    starts_at, until = span
    session.add(
        GiftPeriod(gift_id=gift_id, member_id=member_id, claimed_at=now, starts_at=starts_at, until=until)
    )
    session.flush()


def forget_what_was_written(session: Session, member_id: UUID) -> list[UUID]:
    """Forget codes and words of the gifts a member gave, as when they are erased; returns which they are.

    A code that somebody holds stays good: what was given stays given.
    """
    mine = sa.update(Gift).where(Gift.member_id == member_id)
    values = {"sealed_code": None, "sealed_words": None, "send_at": None}
    return list(session.scalars(mine.values(values).returning(Gift.id)))


def _periods(session: Session, *criteria: sa.ColumnElement[bool]) -> list[tuple[GiftPeriod, UUID]]:
    """Return periods, the earliest end first, each with its gift's pledge."""
    statement = (
        sa.select(GiftPeriod, Gift.pledge_id).join(Gift, Gift.id == GiftPeriod.gift_id).where(*criteria)
    )
    return [(row[0], row[1]) for row in session.execute(statement.order_by(GiftPeriod.until))]
