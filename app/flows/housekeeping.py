"""Forgets what need not be kept; docs/explanation/what-is-kept.md says why each lasts so long."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from app.asks.forgetting import forget_old_asks
from app.db import transaction
from app.flows.parts import Parts
from app.gifts.claims import forget_old_claims
from app.inbox.forgetting import forget_old_events
from app.kernel.clock import utc_now
from app.outbox.forgetting import forget_finished, forget_mails_to_contacts, forget_matters
from app.outbox.models import MailKind
from app.reconciliation.forgetting import forget_old_drifts, forget_old_sweeps
from app.signing_in.counting import forget_counts
from app.signing_in.requests import forget_old_requests
from app.signing_in.sessions import forget_old_sessions

log = structlog.get_logger()

MAILS_KEPT = timedelta(hours=1)
"""Of mails that signed their readers in: when somebody did is nobody's business afterwards."""
EVENTS_KEPT = timedelta(days=90)
"""Stripe delivers an event again for 3 days and lists it for 30: until then it has to be known as old."""
COMPARISONS_KEPT = timedelta(days=90)
MATTERS_KEPT = timedelta(days=90)
ASKS_KEPT = timedelta(days=3 * 365)
"""An end is laid at the door of whoever asked for it, which may have been two years before."""
AT_ONCE = 500
MOST_PIECES = 20
"""Of each kind, so that the rest of the work never waits long."""

Forget = Callable[..., int]
FORGETTING: Mapping[str, tuple[Forget, timedelta]] = {
    "events": (forget_old_events, EVENTS_KEPT),
    "drifts": (forget_old_drifts, COMPARISONS_KEPT),
    "sweeps": (forget_old_sweeps, COMPARISONS_KEPT),
    "matters": (forget_matters, MATTERS_KEPT),
    "mails_to_contacts": (forget_mails_to_contacts, MATTERS_KEPT),
    "asks": (forget_old_asks, ASKS_KEPT),
}
"""What is forgotten by its age, and at which; each is given a session, `before` and `limit`."""


def keep_house(parts: Parts) -> int:
    """Forget addresses and claims that led to nothing, who signed in when, what is old; returns how much."""
    now = utc_now()
    with transaction(parts.sessions) as session:
        forgotten = parts.vault.forget_stale_contacts(session, now=now)
        claims = forget_old_claims(session, now=now)
    if forgotten:
        log.info("house.contacts_forgotten", count=forgotten)
    return forgotten + claims + forget_signing_in(parts, now=now) + forget_old(parts, now=now)


def forget_signing_in(parts: Parts, *, now: datetime) -> int:
    """Delete what tells of signing in and is of no more use: sessions, requests, their mails, counts."""
    with transaction(parts.sessions) as session:
        return (
            forget_old_sessions(session, now=now)
            + forget_old_requests(session, now=now)
            + forget_finished(session, MailKind.sign_in, before=now - MAILS_KEPT)
            + forget_counts(session, now=now)
        )


def forget_old(parts: Parts, *, now: datetime) -> int:
    """Forget what has grown old, a bounded number of pieces of each kind; returns how many rows.

    Each piece is a short transaction of its own, which keeps nobody waiting.
    """
    forgotten = 0
    for name, (forget, kept) in FORGETTING.items():
        count = _in_pieces(parts, partial(forget, before=now - kept, limit=AT_ONCE))
        if count:
            log.info("house.old_forgotten", what=name, count=count)
        forgotten += count
    return forgotten


def _in_pieces(parts: Parts, forget: Callable[[Session], int]) -> int:
    forgotten = 0
    for _ in range(MOST_PIECES):
        with transaction(parts.sessions) as session:
            count = forget(session)
        forgotten += count
        if count < AT_ONCE:
            break
    return forgotten
