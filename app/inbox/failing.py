"""Objects that fail again and again: dead letters, tried once an hour and seen until they are mended."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows
from app.inbox.models import WantedObject

DEAD_FROM_ATTEMPTS = 10
_WAITS = WantedObject.wanted > WantedObject.done
_DEAD = sa.and_(WantedObject.attempts > 0, WantedObject.attempts >= DEAD_FROM_ATTEMPTS, _WAITS)

STILL_TRIED = sa.and_(_WAITS, WantedObject.attempts < DEAD_FROM_ATTEMPTS)
"""What waits and is no dead letter: its next try may well come through."""


def list_dead(session: Session, *, limit: int) -> list[WantedObject]:
    """Return the dead letters, those that failed most first."""
    dead = sa.select(WantedObject).where(_DEAD)
    return list(
        session.scalars(dead.order_by(WantedObject.attempts.desc(), WantedObject.object_id).limit(limit))
    )


def count_dead(session: Session) -> int:
    """Return how many dead letters there are."""
    return session.scalar(sa.select(sa.func.count()).select_from(WantedObject).where(_DEAD)) or 0


def make_due(session: Session, ids: Sequence[str], *, now: datetime) -> int:
    """Let objects that wait out a failure be tried at once; returns how many wait."""
    theirs = sa.and_(WantedObject.object_id.in_(ids), _WAITS)
    return changed_rows(session, sa.update(WantedObject).where(theirs).values(retry_at=now))


def list_by_id(session: Session, ids: Sequence[str]) -> list[WantedObject]:
    """Return those of these objects that wait."""
    theirs = sa.select(WantedObject).where(WantedObject.object_id.in_(ids), _WAITS)
    return list(session.scalars(theirs.order_by(WantedObject.object_id)))


def list_unsynced(session: Session, *, wanted_by: datetime) -> list[WantedObject]:
    """Return what waits since an instant or longer, and what was tried in vain, the most tries first."""
    long_wanted = sa.or_(WantedObject.wanted_since.is_(None), WantedObject.wanted_since <= wanted_by)
    left = sa.select(WantedObject).where(_WAITS, sa.or_(long_wanted, WantedObject.attempts > 0))
    return list(session.scalars(left.order_by(WantedObject.attempts.desc(), WantedObject.object_id)))


def count_waiting(session: Session) -> int:
    """Return how many objects wait for a newer picture."""
    return session.scalar(sa.select(sa.func.count()).select_from(WantedObject).where(_WAITS)) or 0


def find_oldest_waiting(session: Session) -> WantedObject | None:
    """Return the object that has waited longest."""
    waiting = sa.select(WantedObject).where(_WAITS, WantedObject.wanted_since.is_not(None))
    return session.scalar(waiting.order_by(WantedObject.wanted_since).limit(1))
