"""Forgets what need not be kept."""

from datetime import datetime, timedelta

import structlog

from app.db import transaction
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.outbox.models import MailKind
from app.outbox.queue import forget_finished
from app.signing_in.counting import forget_counts
from app.signing_in.requests import forget_old_requests
from app.signing_in.sessions import forget_old_sessions

log = structlog.get_logger()

MAILS_KEPT = timedelta(hours=1)
"""Of mails that signed their readers in: when somebody did is nobody's business afterwards."""


def keep_house(parts: Parts) -> int:
    """Forget the addresses of pledges never paid, and who signed in when; returns how many rows."""
    now = utc_now()
    with transaction(parts.sessions) as session:
        forgotten = parts.vault.forget_stale_contacts(session, now=now)
    if forgotten:
        log.info("house.contacts_forgotten", count=forgotten)
    return forgotten + forget_signing_in(parts, now=now)


def forget_signing_in(parts: Parts, *, now: datetime) -> int:
    """Delete what tells of signing in and is of no more use: sessions, requests, their mails, counts."""
    with transaction(parts.sessions) as session:
        return (
            forget_old_sessions(session, now=now)
            + forget_old_requests(session, now=now)
            + forget_finished(session, MailKind.sign_in, before=now - MAILS_KEPT)
            + forget_counts(session, now=now)
        )
