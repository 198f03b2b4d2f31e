"""Reads stored events."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.inbox.models import InboxEvent


def list_events(session: Session, objects: Sequence[str], *, limit: int) -> list[InboxEvent]:
    """Return the newest events about these Stripe objects, newest first."""
    about = sa.select(InboxEvent).where(InboxEvent.object_id.in_(objects))
    newest_first = (InboxEvent.occurred_at.desc(), InboxEvent.received_at.desc(), InboxEvent.stripe_event_id)
    return list(session.scalars(about.order_by(*newest_first).limit(limit)))


def find_last_change_at(
    session: Session, object_id: str, *, received_after: datetime | None = None
) -> datetime | None:
    """Return when Stripe last reported a change of an object.

    Args: received_after: tells of no change that Stripe had reported by then.
    """
    reported = sa.select(sa.func.max(InboxEvent.occurred_at)).where(InboxEvent.object_id == object_id)
    if received_after:
        reported = reported.where(InboxEvent.received_at > received_after)
    return session.scalar(reported)


def find_unknown_events(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which of these events we do not have."""
    ours = sa.select(InboxEvent.stripe_event_id).where(InboxEvent.stripe_event_id.in_(ids))
    return set(ids) - set(session.scalars(ours))
