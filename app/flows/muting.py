"""Keeps a database restored from a backup silent until it has caught up with Stripe.

The epoch is counted up here first and then at Stripe, so the database of the present is never behind: one
that is was restored.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from app.db import reading, transaction
from app.flows.duties import turn_of
from app.flows.lost_time import queue_what_was_due
from app.flows.parts import Parts
from app.flows.watch import MUTED_AT_STRIPE
from app.inbox.failing import list_unsynced
from app.inbox.models import WantedObject
from app.kernel.clock import utc_now
from app.kernel.errors import SmallFavorError
from app.outbox.queue import drop_queued_before
from app.reconciliation import deployment
from app.reconciliation.cursors import find_cursor
from app.stripe_gateway.errors import StripeMuted, StripeOtherAccount

log = structlog.get_logger()

TURN = "epoch"
EVERY = timedelta(hours=1)
AFTER_A_MAIL = timedelta(minutes=1)
"""While numbers are given and mailed the count goes faster: what a backup lacks is told more finely."""
UNSUPPORTED = "UnsupportedShape"
"""What is not sold here waits for ever and stands in nobody's way."""


class StillUnsynced(SmallFavorError):
    """Objects that the last full sweep could not bring in: `objects`, with the error of each."""

    def __init__(self, objects: list[WantedObject]) -> None:
        super().__init__(f"{len(objects)} objects")
        self.objects = objects


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How this database stands beside Stripe; `epoch_at_stripe` is 0 at another account."""

    epoch: int
    epoch_at_stripe: int
    muted_at: datetime | None
    swept_at: datetime | None
    other_account: bool


def is_muted(parts: Parts) -> bool:
    """Whether nothing may be written to Stripe and no mail sent, as far as is known without asking."""
    return parts.watch.is_muted()


def mute(parts: Parts) -> bool:
    """Mute the database; returns whether it was not muted before."""
    return parts.watch.mute()


def check_epoch(parts: Parts) -> bool:
    """Mute the database if Stripe's count is ahead of its own, else count up; returns whether it is muted.

    Raises: StripeOtherAccount; StripeUnavailable, StripeRefused: nothing is known.
    """
    kept = parts.watch.look()
    if parts.watch.is_muted():
        return True
    with transaction(parts.sessions) as session:
        epoch = deployment.count_on(session, from_epoch=kept.epoch if kept else 0)
    if epoch is None:
        return True
    _count_up_at_stripe(parts, epoch)
    return False


def _count_up_at_stripe(parts: Parts, epoch: int) -> None:
    """Write our count to Stripe, and go on while another worker has counted on meanwhile.

    Whoever writes last has seen no higher count of ours afterwards: so a lower one never stays at Stripe.
    """
    while True:
        kept = parts.gateway.keepsakes.raise_epoch(epoch)
        with transaction(parts.sessions) as session:
            deployment.recognize(session, kept.since)
            ours = deployment.get_deployment(session).epoch
        if ours <= epoch:
            return
        epoch = ours


def check_epoch_if_due(parts: Parts, *, every: timedelta = EVERY) -> None:
    """Check and count up, one worker each time. Raises: StripeUnavailable, StripeRefused."""
    with turn_of(parts, TURN, every=every, now=utc_now(), waits_first=True) as due:
        if due:
            check_epoch(parts)


def catching_up(parts: Parts) -> Parts:
    """Return the parts for a comparison: of a muted database, such that it stays silent about what is old.

    Raises: StripeOtherAccount: everything we know would seem gone; StripeUnavailable.
    """
    try:
        parts.watch.check(anew=True)
    except StripeOtherAccount:
        raise
    except StripeMuted:
        pass
    with reading(parts.sessions) as session:
        muted = deployment.is_muted(session)
        mark = find_cursor(session, MUTED_AT_STRIPE)
    return replace(parts, restoring_since=mark.occurred_at) if muted and mark else parts


def caught_up(parts: Parts, *, began_at: datetime, at: datetime) -> None:
    """Record that a full sweep has seen everything that was there at an instant."""
    with transaction(parts.sessions) as session:
        deployment.mark_swept(session, began_at=began_at, now=at)


def unmute(parts: Parts, *, even_though_unsynced: bool = False) -> int | None:
    """Let the database speak; returns how many mails were dropped, since they may have gone out before.

    Args: even_though_unsynced: leave behind what the last full sweep could not bring in.
    Returns: None where it was not muted.
    Raises: NotSwept; StillUnsynced; StripeOtherAccount; StripeUnavailable, StripeRefused: where that comes
        late it speaks, and the next worker counts up.
    """
    kept = parts.watch.look()
    if not parts.watch.is_muted():
        return None
    with reading(parts.sessions) as session:
        left_behind = _unsynced(session)
    if left_behind and not even_though_unsynced:
        raise StillUnsynced(left_behind)
    with reading(parts.sessions) as session:
        since = deployment.get_mute(session)
    queue_what_was_due(parts, muted_at=since)
    with transaction(parts.sessions) as session:
        muted_at, epoch = deployment.unmute(session, beyond=kept.epoch if kept else 0)
        dropped = drop_queued_before(session, muted_at, now=utc_now())
    for one in left_behind:
        log.warning("deployment.left_behind", object_id=one.object_id, error=one.last_error)
    log.warning("deployment.unmuted", dropped=dropped, left_behind=len(left_behind))
    _count_up_at_stripe(parts, epoch)
    return dropped


def _unsynced(session: Session) -> list[WantedObject]:
    ours = deployment.find_deployment(session)
    waiting = list_unsynced(session, wanted_by=ours.swept_at) if ours and ours.swept_at else []
    return [one for one in waiting if one.last_error != UNSUPPORTED]


def take_account(parts: Parts) -> bool:
    """Hold the account that our key opens for this database's own from now on.

    Returns: whether the database is muted then, since that account has seen a newer one.
    Raises: StripeUnavailable, StripeRefused.
    """
    with transaction(parts.sessions) as session:
        deployment.forget_account(session)
    log.warning("deployment.account_taken")
    return check_epoch(parts)


def look(parts: Parts) -> Standing:
    """Return how this database stands. Raises: StripeUnavailable, StripeRefused."""
    other, kept = False, None
    try:
        kept = parts.watch.look()
    except StripeOtherAccount:
        other = True
    with reading(parts.sessions) as session:
        ours = deployment.find_deployment(session)
        return Standing(
            epoch=ours.epoch if ours else 0,
            epoch_at_stripe=kept.epoch if kept else 0,
            muted_at=ours.muted_at if ours else None,
            swept_at=ours.swept_at if ours else None,
            other_account=other,
        )
