"""Mends what a page showed to differ: a few objects by their ordinary sync, many by the page itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from app.db import transaction
from app.flows.parts import Parts
from app.flows.reconcile.pages import Picture, compare_page, drift_of, fetch_page
from app.flows.reconcile.run import Run
from app.flows.reconcile.steps import Step
from app.flows.sync import apply_snapshot
from app.inbox import leases
from app.inbox.events import Wanted
from app.inbox.intake import want
from app.inbox.leases import Lease, LeaseLost
from app.inbox.pages import add_unseen, mark_failed, release, take_waiting
from app.kernel.clock import utc_now
from app.projection.context import NeedsFirst
from app.reconciliation.models import DriftKind
from app.reconciliation.sweeps import record_drifts
from app.stripe_gateway.snapshots import PaymentSnapshot, RefundSnapshot

log = structlog.get_logger()

FEW = 5
"""Up to so many of a page are left to their ordinary sync, one fetch each."""
AT_A_TIME = 25
"""Objects applied in one transaction: others wait no longer than it takes."""


def mend(parts: Parts, run: Run, step: Step, pictures: Sequence[Picture]) -> None:
    """Mend every object of a page whose rows are behind."""
    behind: Sequence[Picture] = [one for one in pictures if one.wants_mending]
    few = FEW
    if parts.restoring_since:
        behind, few = _leave_the_unnumbered(parts, run, step, behind), 0
    unseen = [one for one in behind if one.is_unseen and one.snapshot is not None]
    others = [one for one in behind if one not in unseen]
    if len(unseen) <= few:
        unseen, others = [], [*unseen, *others]
    for some in _portions(unseen):
        others += _apply_unseen(parts, run, step, some)
    if len(others) <= few:
        _ask_for(parts, run, step, others)
    else:
        _apply_under_leases(parts, run, step, others)


def _leave_the_unnumbered(
    parts: Parts, run: Run, step: Step, pictures: Sequence[Picture]
) -> Sequence[Picture]:
    """Leave what has no number at Stripe to the very end, oldest first; returns the others.

    Of a restored database every number that Stripe keeps is taken back before a new one is given.
    """
    unnumbered = [one for one in pictures if _wants_a_number(one.snapshot)]
    for one in unnumbered:
        _ask_for(parts, run, step, [one], now=getattr(one.snapshot, "created_at", None))
    return [one for one in pictures if one not in unnumbered]


def _wants_a_number(snapshot: object) -> bool:
    if isinstance(snapshot, PaymentSnapshot):
        return snapshot.paid_at is not None and snapshot.receipt_number is None
    if isinstance(snapshot, RefundSnapshot):
        return snapshot.balance is not None and snapshot.note_number is None
    return False


def _portions(pictures: Sequence[Picture]) -> Iterator[Sequence[Picture]]:
    for start in range(0, len(pictures), AT_A_TIME):
        yield pictures[start : start + AT_A_TIME]


def _ask_for(
    parts: Parts, run: Run, step: Step, pictures: Sequence[Picture], *, now: datetime | None = None
) -> None:
    """Ask for the newest picture of each, unless it is asked for already.

    Args: now: as if asked for then, for an order of their own, those that wait already among them.
    """
    silent_before = run.position.silent_before
    with transaction(parts.sessions) as session:
        _record(session, run, step, pictures, now=utc_now())
        for one in pictures:
            if now or one.known is None or not one.known.waits:
                wanted = (step.object_type, one.id)
                want(session, wanted, now=now or utc_now(), silent_before=silent_before)


def _apply_unseen(parts: Parts, run: Run, step: Step, pictures: Sequence[Picture]) -> list[Picture]:
    """Apply pictures of objects nobody ever asked for; returns those that somebody has meanwhile."""
    now, silent_before = utc_now(), run.position.silent_before
    with transaction(parts.sessions) as session:
        added = add_unseen(session, _digests(step, pictures), now=now)
        mine = [one for one in pictures if one.id in added]
        _record(session, run, step, mine, now=now)
        for one in mine:
            error = _try_to_apply(session, parts, step, one, silent_before=silent_before, lease=None)
            if error:
                mark_failed(session, one.id, error=error, silent_before=silent_before, now=now)
    return [one for one in pictures if one.id not in added]


def _apply_under_leases(parts: Parts, run: Run, step: Step, pictures: Sequence[Picture]) -> None:
    """Take the leases, list the page again, and apply what it shows then.

    The first list only told which: what is applied must be fetched under the lease, or an older picture
    could be laid over a newer one. Whatever is not on the page any more stays asked for.
    """
    _ask_for(parts, run, step, pictures)
    with transaction(parts.sessions) as session:
        held = take_waiting(session, [one.id for one in pictures], now=utc_now())
    again = compare_page(parts, run, step, fetch_page(parts, run, step))
    for some in _portions([one for one in again if one.id in held and one.snapshot is not None]):
        with transaction(parts.sessions) as session:
            for one in some:
                _apply_leased(session, parts, step, one, held.pop(one.id))
    with transaction(parts.sessions) as session:
        release(session, held.values())


def _digests(step: Step, pictures: Sequence[Picture]) -> dict[Wanted, str]:
    return {(step.object_type, one.id): one.digest for one in pictures if one.digest is not None}


def _apply_leased(session: Session, parts: Parts, step: Step, picture: Picture, lease: Lease) -> None:
    try:
        error = _try_to_apply(session, parts, step, picture, silent_before=lease.silent_before, lease=lease)
        if error:
            leases.postpone(session, lease, error=error, now=utc_now())
    except LeaseLost:
        log.info("reconcile.overtaken", object_id=picture.id)


def _try_to_apply(
    session: Session,
    parts: Parts,
    step: Step,
    picture: Picture,
    *,
    silent_before: datetime | None,
    lease: Lease | None,
) -> str | None:
    """Apply one picture, or none of it; returns what went wrong.

    Raises: LeaseLost: a newer picture may already have been applied.
    """
    now, also = utc_now(), None
    try:
        with session.begin_nested():
            if lease:
                leases.complete(session, lease, digest=picture.digest, now=now)
            apply_snapshot(
                session,
                parts,
                step.object_type,
                picture.snapshot,
                silent_before=silent_before,
                follow=step.follows,
                now=now,
            )
    except LeaseLost:
        raise
    except NeedsFirst as needs:
        error, also = "NeedsFirst", needs.wanted
    except Exception as fault:  # noqa: BLE001 (one poisoned object never stops its page)
        error = type(fault).__name__
    else:
        return None
    log.warning("reconcile.postponed", object_id=picture.id, error=error)
    if also:
        want(session, also, now=now, silent_before=silent_before)
    return error


def _record(session: Session, run: Run, step: Step, pictures: Sequence[Picture], *, now: datetime) -> None:
    """Record the differences; that a backfill finds what we never saw is none."""
    found = [drift for one in pictures if (drift := drift_of(one, step.object_type))]
    reported = [one for one in found if not (run.everything_missing and one.kind is DriftKind.missing)]
    record_drifts(session, run.sweep_id, reported, now=now)
