"""Writes once to readers who did not finish and had wished for a mail."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.db import transaction
from app.flows.letters.common import NotNeeded
from app.flows.letters.unfinished import find_unfinished
from app.flows.parts import Parts
from app.giving.pledges import get_pledge
from app.giving.wishes import take_due_wishes
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue

log = structlog.get_logger()

AT_ONCE = 50


def mail_unfinished(parts: Parts, *, now: datetime) -> int:
    """Queue the mails whose hour has come, and drop the wishes that need none.

    A wish is gone with its mail: whoever wants another says so on another form.
    Returns: how many wishes were looked at.
    """
    with transaction(parts.sessions) as session:
        taken = take_due_wishes(session, now=now, limit=AT_ONCE)
        queued = sum(_queue(session, parts, pledge_id, now=now) for pledge_id in taken)
    if queued:
        log.info("unfinished.queued", count=queued)
    return len(taken)


def _queue(session: Session, parts: Parts, pledge_id: UUID, *, now: datetime) -> bool:
    if isinstance(find_unfinished(session, parts, pledge_id), NotNeeded):
        return False
    mail = Mail(
        kind=MailKind.support_unfinished,
        dedupe_key=f"unfinished-{pledge_id}",
        contact_id=pledge_id,
        language=get_pledge(session, pledge_id).language,
    )
    return enqueue(session, mail, now=now)
