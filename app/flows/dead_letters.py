"""Dead letters tried again, by command or from the desk."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.db import reading, transaction
from app.flows.parts import Parts
from app.flows.sync import SyncOutcome, sync_if_wanted
from app.inbox.failing import list_by_id, list_dead, make_due

MOST = 500


def retry_now(
    parts: Parts, ids: Sequence[str] | None, *, now: datetime
) -> Iterator[tuple[str, SyncOutcome | None]]:
    """Sync these objects at once, or every dead letter; yields what came of each."""
    with reading(parts.sessions) as session:
        found = list_dead(session, limit=MOST) if ids is None else list_by_id(session, ids)
    with transaction(parts.sessions) as session:
        make_due(session, [one.object_id for one in found], now=now)
    for one in found:
        synced = sync_if_wanted(parts, (one.object_type, one.object_id))
        yield one.object_id, synced.outcome if synced else None


def retry_soon(parts: Parts, object_id: str, *, now: datetime) -> bool:
    """Let a worker try an object at once; False where it does not wait."""
    with transaction(parts.sessions) as session:
        return make_due(session, [object_id], now=now) > 0
