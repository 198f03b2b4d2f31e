"""Mail in and out of the queue."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, insert_once
from app.kernel.ids import new_id
from app.outbox.models import MailKind, QueuedMail

LEASE_SECONDS = 120
FIRST_RETRY_SECONDS = 30
LONGEST_RETRY_SECONDS = 6 * 3600
MOST_ATTEMPTS = 30
"""About five days; then the mail is dropped and stays visible as such."""


@dataclass(frozen=True, kw_only=True)
class MailLease:
    """The right to send one mail, as long as the token stands in its row."""

    mail_id: UUID
    token: UUID
    kind: MailKind
    member_id: UUID | None
    contact_id: UUID | None
    receipt_id: UUID | None
    about_id: str | None
    matter: str | None
    """JSON, as it was queued."""
    language: str
    created_at: datetime
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail to be queued, to a member or to a contact of the vault's: one of the two."""

    kind: MailKind
    dedupe_key: str
    language: str
    member_id: UUID | None = None
    contact_id: UUID | None = None
    receipt_id: UUID | None = None
    about_id: str | None = None
    """Stripe's id, or ours, of what it is about."""
    matter: dict[str, object] | None = None
    """Amounts and days as they are now, fit for JSON; never a person."""


def enqueue(session: Session, mail: Mail, *, now: datetime) -> bool:
    """Queue a mail in the business transaction, once per key; returns whether this call did it."""
    return insert_once(
        session,
        QueuedMail,
        {
            **vars(mail),
            "id": new_id(),
            "matter": json.dumps(mail.matter, sort_keys=True) if mail.matter else None,
            "created_at": now,
            "retry_at": now,
            "attempts": 0,
        },
    )


def find_mails(session: Session, dedupe_keys: list[str]) -> list[QueuedMail]:
    """Return the mails under these keys, queued, sent or dropped."""
    return list(session.scalars(sa.select(QueuedMail).where(QueuedMail.dedupe_key.in_(dedupe_keys))))


def take_next(session: Session, *, now: datetime) -> MailLease | None:
    """Take the mail that has waited longest, or None where nothing is due."""
    waiting = sa.and_(QueuedMail.sent_at.is_(None), QueuedMail.dropped_at.is_(None))
    free = sa.or_(QueuedMail.lease_until.is_(None), QueuedMail.lease_until < now)
    due = sa.select(QueuedMail.id).where(waiting, QueuedMail.retry_at <= now, free)
    first = due.order_by(QueuedMail.retry_at).limit(1).with_for_update(skip_locked=True)
    token = new_id()
    taken = session.execute(
        sa.update(QueuedMail)
        .where(QueuedMail.id == first.scalar_subquery(), waiting, free)
        .values(lease_token=token, lease_until=now + timedelta(seconds=LEASE_SECONDS))
        .returning(
            QueuedMail.id.label("mail_id"),
            QueuedMail.kind,
            QueuedMail.member_id,
            QueuedMail.contact_id,
            QueuedMail.receipt_id,
            QueuedMail.about_id,
            QueuedMail.matter,
            QueuedMail.language,
            QueuedMail.created_at,
            QueuedMail.attempts,
        )
    ).one_or_none()
    return MailLease(token=token, **taken._mapping) if taken else None


def mark_sent(session: Session, lease: MailLease, *, now: datetime) -> bool:
    """Record that the server took the mail; False where another worker has it by now."""
    return _write(session, lease, sent_at=now, last_error=None)


def mark_dropped(session: Session, lease: MailLease, *, error: str, now: datetime) -> bool:
    """Record that the mail will not be sent."""
    return _write(session, lease, dropped_at=now, last_error=error)


def mark_failed(session: Session, lease: MailLease, *, error: str, now: datetime) -> bool:
    """Record a failure and try again later, ever more rarely; at last give up."""
    attempts = lease.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return mark_dropped(session, lease, error=error, now=now)
    return _write(session, lease, attempts=attempts, last_error=error, retry_at=now + retry_delay(attempts))


def drop_queued_before(session: Session, moment: datetime, *, now: datetime) -> int:
    """Drop the waiting mails queued by then; returns how many.

    A restored database cannot know whether they were sent after the backup was made.
    """
    waiting = sa.and_(QueuedMail.sent_at.is_(None), QueuedMail.dropped_at.is_(None))
    old = sa.update(QueuedMail).where(waiting, QueuedMail.created_at <= moment)
    return changed_rows(session, old.values(dropped_at=now, last_error="queued before a restore"))


def retry_delay(attempts: int) -> timedelta:
    """Return 30 seconds, a minute, two …, at most six hours."""
    return timedelta(seconds=min(FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_RETRY_SECONDS))


def _write(session: Session, lease: MailLease, **values: object) -> bool:
    held = sa.and_(QueuedMail.id == lease.mail_id, QueuedMail.lease_token == lease.token)
    statement = sa.update(QueuedMail).where(held).values(lease_token=None, lease_until=None, **values)
    return changed_rows(session, statement) == 1
