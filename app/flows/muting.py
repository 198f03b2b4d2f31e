"""Keeps a database restored from a backup silent until it has caught up with Stripe.

The epoch is counted up here first and then at Stripe, so the database of the present is never behind: one
that is was restored.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from app.db import Sessions, reading, transaction
from app.flows.duties import turn_of
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.outbox.queue import drop_queued_before
from app.reconciliation import deployment
from app.reconciliation.cursors import find_cursor, set_cursor
from app.stripe_gateway.errors import StripeMuted, StripeUnavailable
from app.stripe_gateway.lists import EventMark

log = structlog.get_logger()

TURN = "epoch"
EVERY = timedelta(hours=1)
AFTER_A_MAIL = timedelta(minutes=1)
"""While numbers are given and mailed the count goes faster: what a backup lacks is told more finely."""
A_SECOND = timedelta(seconds=1)
"""Stripe counts in whole ones: what happened in the same one is old, too."""
MUTED_AT_STRIPE = "muted"
"""The cursor that holds Stripe's newest event when the database was muted."""
READS = frozenset({"get", "head"})


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How this database stands beside Stripe."""

    epoch: int
    epoch_at_stripe: int
    muted_at: datetime | None
    swept_at: datetime | None


def gate_for(sessions: Sessions) -> Callable[[str], None]:
    """Return the gate that lets no write through to Stripe while the database is muted."""

    def check(method: str) -> None:
        if method.lower() in READS:
            return
        with reading(sessions) as session:
            muted = deployment.is_muted(session)
        if muted:
            raise StripeMuted

    return check


def is_muted(parts: Parts) -> bool:
    """Whether nothing may be written to Stripe and no mail sent."""
    with reading(parts.sessions) as session:
        return deployment.is_muted(session)


def check_epoch(parts: Parts) -> bool:
    """Mute the database if Stripe's count is ahead of its own, else count up; returns whether it is muted.

    Raises: StripeUnavailable, StripeRefused: nothing is known.
    """
    theirs = parts.gateway.keepsakes.fetch_epoch()
    with transaction(parts.sessions) as session:
        ours = deployment.get_deployment(session)
        behind = theirs > ours.epoch
        if not behind and ours.muted_at is None:
            epoch = deployment.raise_epoch(session)
        elif not behind:
            return True
    if behind:
        log.error("deployment.behind", epoch=ours.epoch, epoch_at_stripe=theirs)
        mute(parts)
        return True
    parts.gateway.keepsakes.keep_epoch(epoch)
    return False


def check_epoch_if_due(parts: Parts, *, every: timedelta = EVERY) -> None:
    """Check and count up, one worker each time. Raises: StripeUnavailable, StripeRefused."""
    with turn_of(parts, TURN, every=every, now=utc_now(), waits_first=True) as due:
        if due:
            check_epoch(parts)


def mute(parts: Parts) -> bool:
    """Mute the database; returns whether it was not muted before.

    What happened at Stripe until now is mailed to nobody when it is found.
    """
    newest, now = _newest_event(parts), utc_now()
    with transaction(parts.sessions) as session:
        if not deployment.mute(session, now=now):
            return False
        set_cursor(
            session,
            MUTED_AT_STRIPE,
            stripe_id=newest.id if newest else None,
            occurred_at=newest.occurred_at + A_SECOND if newest else now,
            now=now,
        )
    log.warning("deployment.muted")
    return True


def catching_up(parts: Parts) -> Parts:
    """Return the parts for a comparison: of a muted database, such that it stays silent about what is old."""
    with reading(parts.sessions) as session:
        muted = deployment.is_muted(session)
        mark = find_cursor(session, MUTED_AT_STRIPE)
    return replace(parts, restoring_since=mark.occurred_at) if muted and mark else parts


def caught_up(parts: Parts) -> None:
    """Record that a full sweep has mended everything."""
    with transaction(parts.sessions) as session:
        deployment.mark_swept(session, now=utc_now())


def unmute(parts: Parts) -> int:
    """Let the database speak; returns how many mails were dropped, since they may have gone out before.

    Raises: NotSwept; StripeUnavailable, StripeRefused: it speaks, and the next worker counts up.
    """
    theirs = parts.gateway.keepsakes.fetch_epoch()
    with transaction(parts.sessions) as session:
        muted_at = deployment.unmute(session)
        dropped = drop_queued_before(session, muted_at, now=utc_now()) if muted_at else 0
        epoch = deployment.raise_epoch(session, beyond=theirs)
    parts.gateway.keepsakes.keep_epoch(epoch)
    log.warning("deployment.unmuted", dropped=dropped)
    return dropped


def _newest_event(parts: Parts) -> EventMark | None:
    try:
        return parts.gateway.lists.newest_event()
    except StripeUnavailable:
        return None


def look(parts: Parts) -> Standing:
    """Return how this database stands. Raises: StripeUnavailable, StripeRefused."""
    theirs = parts.gateway.keepsakes.fetch_epoch()
    with reading(parts.sessions) as session:
        ours = deployment.find_deployment(session)
        return Standing(
            epoch=ours.epoch if ours else 0,
            epoch_at_stripe=theirs,
            muted_at=ours.muted_at if ours else None,
            swept_at=ours.swept_at if ours else None,
        )
