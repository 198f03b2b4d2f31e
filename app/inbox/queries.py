"""Reads stored events."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.inbox.models import InboxEvent, ObjectType


def list_events(
    session: Session, objects: Mapping[ObjectType, Sequence[str]], *, limit: int
) -> list[InboxEvent]:
    """Return the newest events about these Stripe objects, newest first."""
    about = [
        sa.and_(InboxEvent.object_type == object_type, InboxEvent.object_id.in_(ids))
        for object_type, ids in objects.items()
        if ids
    ]
    statement = sa.select(InboxEvent).where(sa.or_(sa.false(), *about))
    newest_first = (InboxEvent.occurred_at.desc(), InboxEvent.id.desc())
    return list(session.scalars(statement.order_by(*newest_first).limit(limit)))


def find_last_change_at(session: Session, object_type: ObjectType, object_id: str) -> datetime | None:
    """Return when Stripe last reported a change of an object."""
    return session.scalar(
        sa.select(sa.func.max(InboxEvent.occurred_at)).where(
            InboxEvent.object_type == object_type, InboxEvent.object_id == object_id
        )
    )
