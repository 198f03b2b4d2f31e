"""Reads stored events."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.inbox.models import InboxEvent

_MADE = ".created"
"""How the type of an event ends that tells of a new object."""


def list_events(session: Session, objects: Sequence[str], *, limit: int) -> list[InboxEvent]:
    """Return the newest events about these Stripe objects, newest first."""
    about = sa.select(InboxEvent).where(InboxEvent.object_id.in_(objects))
    newest_first = (InboxEvent.occurred_at.desc(), InboxEvent.received_at.desc(), InboxEvent.stripe_event_id)
    return list(session.scalars(about.order_by(*newest_first).limit(limit)))


def find_last_change_at(session: Session, object_id: str) -> datetime | None:
    """Return when Stripe last reported a change of an object."""
    return session.scalar(_newest_about(object_id))


def find_change_since(session: Session, object_id: str, *, looked_at: datetime | None) -> datetime | None:
    """Return when Stripe last reported a change of an object that an earlier look did not show.

    What came only now but happened before what had come by then was in that look's picture: it tells
    of no change since. Nor does the event that an object was made.

    Args: looked_at: when that was; None where this is the first look.
    """
    changed = _newest_about(object_id).where(~InboxEvent.type.endswith(_MADE))
    if looked_at is None:
        return session.scalar(changed)
    newest = session.scalar(changed.where(InboxEvent.received_at > looked_at))
    shown = session.scalar(_newest_about(object_id).where(InboxEvent.received_at <= looked_at))
    return newest if newest and (shown is None or newest >= shown) else None


def _newest_about(object_id: str) -> sa.Select[datetime | None]:
    return sa.select(sa.func.max(InboxEvent.occurred_at)).where(InboxEvent.object_id == object_id)


def find_unknown_events(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which of these events we do not have."""
    ours = sa.select(InboxEvent.stripe_event_id).where(InboxEvent.stripe_event_id.in_(ids))
    return set(ids) - set(session.scalars(ours))
