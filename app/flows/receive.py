"""A webhook comes in: true or not, stored once, its object wanted."""

from datetime import datetime

from app.db import lean_transaction
from app.flows.parts import Parts
from app.inbox.events import wanted_by
from app.inbox.intake import store_event
from app.stripe_gateway.webhook import verify_event


def receive_event(parts: Parts, payload: bytes, header: str, *, now: datetime) -> bool:
    """Store a verified event and mark its object; returns whether it was new.

    An event of the other mode, test at a live endpoint or the reverse, is kept as a fact and
    wants nothing. Raises: BadWebhook; SQLAlchemy's errors when the database is away.
    """
    event = verify_event(payload, header, secrets=parts.webhook_secrets, now=now)
    wanted = wanted_by(event.type, event.object) if event.livemode == parts.livemode else None
    with lean_transaction(parts.sessions) as connection:
        return store_event(connection, event, wanted, now=now)
