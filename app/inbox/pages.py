"""Wanted objects by the page, for those who compare whole lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import upsert
from app.inbox.events import Wanted
from app.inbox.leases import FIRST_RETRY_SECONDS, Lease, is_free, take_all
from app.inbox.models import ObjectType, WantedObject


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of an object: the digest of its newest picture, and whether a newer one is waited for.

    Attributes: held: whether that one is being fetched, and may be of before whatever the caller has seen.
    """

    digest: str | None
    waits: bool
    held: bool = False


def find_known(session: Session, ids: Sequence[str]) -> dict[str, Known]:
    """Return what is known of these objects; those never wanted are left out."""
    table = WantedObject
    columns = (table.object_id, table.digest, table.wanted > table.done, table.lease_token.is_not(None))
    rows = session.execute(sa.select(*columns).where(table.object_id.in_(ids)))
    return {row[0]: Known(digest=row[1], waits=bool(row[2]), held=bool(row[3])) for row in rows}


def is_waited_for(session: Session, object_type: ObjectType) -> bool:
    """Whether any object of a type is wanted and not synced yet."""
    waits = sa.and_(WantedObject.object_type == object_type, WantedObject.wanted > WantedObject.done)
    return bool(session.scalar(sa.select(sa.exists().where(waits))))


def add_unseen(session: Session, digests: dict[Wanted, str], *, now: datetime) -> set[str]:
    """Record pictures of objects that nobody ever asked for; returns the ids that were new indeed.

    No newer picture of them can have been applied, so they need no lease before they were fetched. The rest
    of the transaction applies these pictures, or says so by `mark_failed`.
    """
    rows = [
        {
            "object_id": wanted[1],
            "object_type": wanted[0],
            "wanted": 1,
            "done": 1,
            "attempts": 0,
            "retry_at": now,
            "wanted_since": now,
            "synced_at": now,
            "digest": digest,
        }
        for wanted, digest in sorted(digests.items(), key=lambda one: one[0][1])
    ]
    if not rows:
        return set()
    added = upsert(session, WantedObject).values(rows).on_conflict_do_nothing()
    return set(session.scalars(added.returning(WantedObject.object_id)))


def mark_failed(
    session: Session, object_id: str, *, error: str, silent_before: datetime | None, now: datetime
) -> None:
    """Record that the picture of an unseen object could not be applied: it is fetched again by itself."""
    session.execute(
        sa.update(WantedObject)
        .where(WantedObject.object_id == object_id)
        .values(
            wanted=WantedObject.wanted + 1,
            attempts=1,
            last_error=error,
            digest=None,
            synced_at=None,
            silent_before=silent_before,
            retry_at=now + timedelta(seconds=FIRST_RETRY_SECONDS),
        )
    )


def take_waiting(session: Session, ids: Sequence[str], *, now: datetime) -> dict[str, Lease]:
    """Take the leases of those of these objects that wait and that nobody holds, due or not."""
    waits = sa.and_(WantedObject.object_id.in_(ids), WantedObject.wanted > WantedObject.done)
    return {lease.object_id: lease for lease in take_all(session, waits, now=now)}


def is_any_held(session: Session, *, now: datetime) -> bool:
    """Whether somebody holds the lease of an object that waits."""
    held = sa.and_(WantedObject.wanted > WantedObject.done, ~is_free(now))
    return bool(session.scalar(sa.select(sa.exists().where(held))))


def forget_digests(session: Session, object_type: ObjectType) -> None:
    """Forget what was applied last of a kind of object, where digests of now can no longer be compared."""
    session.execute(
        sa.update(WantedObject).where(WantedObject.object_type == object_type).values(digest=None)
    )


def list_waiting(session: Session, *, limit: int) -> list[Wanted]:
    """Return the objects that wait, due or not, those that failed least before the others."""
    waits = sa.select(WantedObject.object_type, WantedObject.object_id).where(
        WantedObject.wanted > WantedObject.done
    )
    ordered = waits.order_by(WantedObject.attempts, WantedObject.retry_at).limit(limit)
    return [(row.object_type, row.object_id) for row in session.execute(ordered)]


def release(session: Session, leases: Iterable[Lease]) -> None:
    """Give leases back unused: the objects wait on for whoever comes."""
    for lease in leases:
        held = sa.and_(WantedObject.object_id == lease.object_id, WantedObject.lease_token == lease.token)
        session.execute(sa.update(WantedObject).where(held).values(lease_token=None, lease_until=None))
