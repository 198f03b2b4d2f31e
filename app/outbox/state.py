"""How the queue of mails stands."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.outbox.models import QueuedMail


@dataclass(frozen=True, kw_only=True)
class MailState:
    """Mails that wait, and since when; mails dropped of late."""

    waiting: int
    oldest_at: datetime | None
    dropped: int


def mail_state(session: Session, *, dropped_since: datetime) -> MailState:
    """Return how many mails wait, the oldest one's birth, and how many were dropped since an instant."""
    waits = sa.and_(QueuedMail.sent_at.is_(None), QueuedMail.dropped_at.is_(None))
    waiting, oldest_at = session.execute(
        sa.select(sa.func.count(), sa.func.min(QueuedMail.created_at)).where(waits)
    ).one()
    dropped = sa.select(sa.func.count()).where(QueuedMail.dropped_at >= dropped_since)
    return MailState(waiting=waiting, oldest_at=oldest_at, dropped=session.scalar(dropped) or 0)
