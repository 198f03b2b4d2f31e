"""How far Stripe's lists are read, and whose turn it is."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, upsert
from app.reconciliation.models import Cursor


def find_cursor(session: Session, name: str) -> Cursor | None:
    """Return a cursor, once it was set."""
    return session.get(Cursor, name)


def set_cursor(
    session: Session, name: str, *, stripe_id: str | None, occurred_at: datetime | None, now: datetime
) -> None:
    """Set a cursor on an object at Stripe."""
    values = {"name": name, "stripe_id": stripe_id, "occurred_at": occurred_at, "read_at": now}
    statement = upsert(session, Cursor).values(values)
    newer = {column: statement.excluded[column] for column in values if column != "name"}
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=newer))


def touch_cursor(session: Session, name: str, *, now: datetime) -> None:
    """Remember that a list was read, though the cursor did not move."""
    if not changed_rows(session, sa.update(Cursor).where(Cursor.name == name).values(read_at=now)):
        set_cursor(session, name, stripe_id=None, occurred_at=None, now=now)


def drop_cursor(session: Session, name: str) -> None:
    """Forget a cursor."""
    session.execute(sa.delete(Cursor).where(Cursor.name == name))


def claim_turn(
    session: Session, name: str, *, every: timedelta, now: datetime, waits_first: bool = False
) -> bool:
    """Claim the next turn of a regular task, for one worker alone; False before it is due.

    A guarded update, which works on both databases: whoever moves `read_at` has the turn.

    Args: waits_first: the very first call only begins the wait.
    """
    values = {"name": name, "stripe_id": None, "occurred_at": None, "read_at": now}
    first = upsert(session, Cursor).values(values).on_conflict_do_nothing()
    if session.execute(first.returning(Cursor.name)).first() is not None:
        return not waits_first
    due = sa.and_(Cursor.name == name, Cursor.read_at <= now - every)
    return changed_rows(session, sa.update(Cursor).where(due).values(read_at=now)) == 1


def set_turn_due(session: Session, name: str, *, every: timedelta, at: datetime) -> None:
    """Let the next turn of a regular task come at an instant of its own; nothing before its first."""
    session.execute(sa.update(Cursor).where(Cursor.name == name).values(read_at=at - every))
