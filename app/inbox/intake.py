"""Stores events and marks the objects they name as wanted."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import insert_once, upsert
from app.inbox.events import Wanted
from app.inbox.models import InboxEvent, WantedObject
from app.kernel.ids import new_id
from app.stripe_gateway.webhook import ReceivedEvent


def store_event(session: Session, event: ReceivedEvent, wanted: Wanted | None, *, now: datetime) -> bool:
    """Store an event once; returns whether it is new."""
    return insert_once(
        session,
        InboxEvent,
        {
            "id": new_id(),
            "stripe_event_id": event.id,
            "type": event.type,
            "livemode": event.livemode,
            "object_type": wanted[0] if wanted else None,
            "object_id": wanted[1] if wanted else None,
            "occurred_at": event.occurred_at,
            "received_at": now,
        },
    )


def want(session: Session, wanted: Wanted, *, now: datetime) -> None:
    """Ask for the newest picture of an object; a later call asks for a still newer one."""
    statement = upsert(session, WantedObject).values(
        id=new_id(), object_type=wanted[0], object_id=wanted[1], wanted=1, done=0, attempts=0, retry_at=now
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[WantedObject.object_type, WantedObject.object_id],
            set_={
                "wanted": WantedObject.wanted + 1,
                "retry_at": sa.case(
                    (WantedObject.attempts == 0, statement.excluded.retry_at), else_=WantedObject.retry_at
                ),
            },
        )
    )
