"""Forgets events that nothing asks for any more."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import delete_oldest
from app.inbox.models import InboxEvent, WantedObject


def forget_old_events(session: Session, *, before: datetime, limit: int) -> int:
    """Delete events that came before an instant, some at a time; returns how many.

    Those of an object that waits are kept: its next picture is dated by them.
    """
    waits = sa.exists().where(
        WantedObject.object_id == InboxEvent.object_id, WantedObject.wanted > WantedObject.done
    )
    old = sa.and_(InboxEvent.received_at < before, ~waits)
    return delete_oldest(session, InboxEvent, old, by=InboxEvent.received_at, limit=limit)
