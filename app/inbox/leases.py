"""Who may fetch which object, one at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows
from app.inbox.events import Wanted
from app.inbox.models import ObjectType, WantedObject
from app.kernel.errors import SmallFavorError
from app.kernel.ids import new_id

LEASE_SECONDS = 60
FIRST_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 3600


class LeaseLost(SmallFavorError):
    """The lease ran out and another worker took it: what was fetched must not be applied."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to fetch and project one object, as long as the token stands in its row."""

    token: UUID
    object_type: ObjectType
    object_id: str
    wanted: int
    """How often it was wanted when the lease was taken: the picture fetched later answers these."""
    silent_before: datetime | None
    """Nothing that happened to it earlier is mailed about."""
    was_due: bool
    """Whether it was its time: a failure before that, by a command, is no further attempt."""


def take_next(session: Session, *, now: datetime) -> Lease | None:
    """Take the lease of the object that has waited longest, or None where nothing is due."""
    pending = sa.select(WantedObject.object_id).where(
        WantedObject.wanted > WantedObject.done, WantedObject.retry_at <= now, is_free(now)
    )
    first = pending.order_by(WantedObject.retry_at).limit(1).with_for_update(skip_locked=True)
    return _take(session, WantedObject.object_id == first.scalar_subquery(), now=now)


def take_one(session: Session, wanted: Wanted, *, now: datetime) -> Lease | None:
    """Take the lease of one object, due or not; None while another worker has it or it is up to date."""
    due = sa.and_(WantedObject.object_id == wanted[1], WantedObject.wanted > WantedObject.done)
    return _take(session, due, now=now)


def _take(session: Session, which: sa.ColumnElement[bool], *, now: datetime) -> Lease | None:
    taken = take_all(session, which, now=now)
    return taken[0] if taken else None


def take_all(session: Session, which: sa.ColumnElement[bool], *, now: datetime) -> list[Lease]:
    """Take the leases of all these objects that nobody holds."""
    token = new_id()
    taken = session.execute(
        sa.update(WantedObject)
        .where(which, is_free(now))
        .values(lease_token=token, lease_until=now + timedelta(seconds=LEASE_SECONDS))
        .returning(
            WantedObject.object_type,
            WantedObject.object_id,
            WantedObject.wanted,
            WantedObject.silent_before,
            WantedObject.retry_at,
        )
    )
    return [
        Lease(
            token=token,
            object_type=row.object_type,
            object_id=row.object_id,
            wanted=row.wanted,
            silent_before=row.silent_before,
            was_due=row.retry_at <= now,
        )
        for row in taken
    ]


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Select what nobody holds."""
    return sa.or_(WantedObject.lease_until.is_(None), WantedObject.lease_until < now)


def complete(session: Session, lease: Lease, *, digest: str | None = None, now: datetime) -> None:
    """Record that the picture fetched under this lease is applied; part of the projection's transaction.

    Args: digest: of the picture, for sweeps to compare. An object wanted anew meanwhile stays silent about
        what is old, if it was: see `want`.
    Raises: LeaseLost: roll back, for a newer picture may already have been applied.
    """
    _write(session, lease, done=lease.wanted, attempts=0, last_error=None, synced_at=now, digest=digest)


def give_up(session: Session, lease: Lease, *, error: str, now: datetime) -> None:
    """Record that the object cannot be had for good; it is wanted again only by a new event."""
    _write(session, lease, done=lease.wanted, last_error=error, synced_at=now)


def postpone(session: Session, lease: Lease, *, error: str, now: datetime) -> int:
    """Record a failure and try again later, ever more rarely, without blocking other objects.

    Returns: how often it failed since its last success. Only a try that was due counts, so that a command
    which tries again and again makes no dead letter within seconds. Raises: LeaseLost.
    """
    attempts = _count_attempts(session, lease)
    if not lease.was_due:
        _write(session, lease, last_error=error)
        return attempts
    attempts += 1
    _write(session, lease, attempts=attempts, last_error=error, retry_at=now + retry_delay(attempts))
    return attempts


def _count_attempts(session: Session, lease: Lease) -> int:
    held = sa.select(WantedObject.attempts).where(WantedObject.object_id == lease.object_id)
    return session.scalars(held).one()


def retry_delay(attempts: int) -> timedelta:
    """Return 5, 10, 20 … seconds, at most an hour."""
    return timedelta(seconds=min(FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_RETRY_SECONDS))


def _write(session: Session, lease: Lease, **values: object) -> None:
    held = sa.and_(WantedObject.object_id == lease.object_id, WantedObject.lease_token == lease.token)
    statement = sa.update(WantedObject).where(held).values(lease_token=None, lease_until=None, **values)
    if not changed_rows(session, statement):
        raise LeaseLost(lease.object_id)
