"""Compares one page of a list with our rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.db import reading
from app.flows.parts import Parts
from app.flows.reconcile.known_invoices import with_their_invoices
from app.flows.reconcile.run import Run
from app.flows.reconcile.steps import Step
from app.inbox.models import ObjectType
from app.inbox.pages import Known, find_known, is_waited_for
from app.reconciliation.models import DriftKind, SweepKind
from app.reconciliation.sweeps import Found
from app.stripe_gateway.digests import are_comparable, digest_of
from app.stripe_gateway.errors import StripeRefused
from app.stripe_gateway.lists import Listed, Page, Part

log = structlog.get_logger()

WHOLE = (SweepKind.full, SweepKind.backfill)
"""Sweeps that read every invoice before any payment."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One object as a list shows it, and how that compares with ours.

    Attributes: snapshot: as a single fetch would show it; None where only a single fetch can; digest: None
        where the object could not be read.
    """

    id: str
    snapshot: Any | None
    digest: str | None
    known: Known | None

    @property
    def is_unseen(self) -> bool:
        """Whether nobody has ever asked for it."""
        return self.known is None

    @property
    def wants_mending(self) -> bool:
        """Whether our rows are behind: known to be, or found to be now."""
        if self.known is None or self.known.waits:
            return True
        return self.digest is None or self.known.digest != self.digest


def fetch_page(parts: Parts, run: Run, step: Step) -> Page:
    """Ask Stripe for the page at the sweep's place; its first one where that object is gone.

    Raises: StripeUnavailable, StripeRefused.
    """
    since = None if step.whatever_age else run.position.since
    try:
        return step.list(parts.gateway.lists, Part(after=run.position.after, since=since, status=step.status))
    except StripeRefused as refused:
        if not refused.missing or run.position.after is None:
            raise
        return step.list(parts.gateway.lists, Part(since=since, status=step.status))


def compare_page(parts: Parts, run: Run, step: Step, page: Page) -> list[Picture]:
    """Compare all that is on a page by one question to the database.

    What could not be read differs from whatever we have: its own sync tells what is wrong with it.
    """
    shown = [listed for listed in page.listed if not listed.unsupported]
    with reading(parts.sessions) as session:
        known = find_known(session, [listed.id for listed in shown])
        whole = _as_fetched(session, run, step, [one for one in shown if one.snapshot is not None])
    for listed in shown:
        if listed.fault:
            log.warning("reconcile.unreadable", object_id=listed.id, error=listed.fault)
    return [
        Picture(
            id=listed.id,
            snapshot=whole.get(listed.id),
            digest=digest_of(listed.snapshot, parts.vault.digest) if listed.snapshot else None,
            known=known.get(listed.id),
        )
        for listed in shown
    ]


def drift_of(picture: Picture, object_type: ObjectType) -> Found | None:
    """Return the difference to report; what waits already, or was never compared like this, is none."""
    if picture.known is None:
        return Found(kind=DriftKind.missing, object_type=object_type, object_id=picture.id)
    before, now = picture.known.digest, picture.digest
    if picture.known.waits or before in (None, now) or (before and now and not are_comparable(before, now)):
        return None
    return Found(kind=DriftKind.differs, object_type=object_type, object_id=picture.id)


def _as_fetched(session: Session, run: Run, step: Step, shown: Iterable[Listed]) -> dict[str, Any]:
    """Return the snapshots as a single fetch would show them, those that only it can show left out.

    Every invoice of a payment made before this sweep began was read by it, if it reads them all, and is
    among our rows unless it was only asked for.
    """
    snapshots = [listed.snapshot for listed in shown]
    if step.object_type is ObjectType.payment_intent:
        complete = run.kind in WHOLE and not is_waited_for(session, ObjectType.invoice)
        old = [one for one in snapshots if complete and one.created_at < run.position.present]
        young = [one for one in snapshots if one not in old]
        return {
            **with_their_invoices(session, old, complete=True),
            **with_their_invoices(session, young, complete=False),
        }
    if step.object_type is ObjectType.payout:
        return {}
    return {snapshot.id: snapshot for snapshot in snapshots}
