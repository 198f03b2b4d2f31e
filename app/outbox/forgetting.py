"""Forgets mails that are over, or what stood in them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, delete_oldest, take_oldest
from app.outbox.models import MailKind, QueuedMail

_IS_OVER = sa.or_(QueuedMail.sent_at.is_not(None), QueuedMail.dropped_at.is_not(None))


def forget_finished(session: Session, kind: MailKind, *, before: datetime) -> int:
    """Delete the mails of a kind that were queued before an instant and wait no more; returns how many."""
    old = sa.delete(QueuedMail).where(QueuedMail.kind == kind, QueuedMail.created_at < before, _IS_OVER)
    return changed_rows(session, old)


def forget_matters(session: Session, *, before: datetime, limit: int) -> int:
    """Forget the amounts and days in mails queued before an instant that are over; returns how many mails.

    Their rows and keys are kept, or the same thing, seen again, would be mailed about again.
    """
    old = sa.and_(QueuedMail.matter.is_not(None), QueuedMail.created_at < before, _IS_OVER)
    mails = take_oldest(session, QueuedMail, old, by=QueuedMail.created_at, limit=limit)
    if not mails:
        return 0
    return changed_rows(session, sa.update(QueuedMail).where(QueuedMail.id.in_(mails)).values(matter=None))


def forget_mails_to_contacts(session: Session, *, before: datetime, limit: int) -> int:
    """Delete mails to contacts queued before an instant that are over, some at a time; returns how many.

    What each was about is gone by then, knows that it was queued, or was asked for by hand: none is queued
    again by itself.
    """
    old = sa.and_(QueuedMail.contact_id.is_not(None), QueuedMail.created_at < before, _IS_OVER)
    return delete_oldest(session, QueuedMail, old, by=QueuedMail.created_at, limit=limit)
