"""Brings our rows up to what Stripe shows: lease, then fetch, then project, in this order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.billing.presence import mark_gone
from app.db import transaction
from app.flows.parts import Parts
from app.inbox import leases
from app.inbox.events import Wanted
from app.inbox.intake import want
from app.inbox.leases import Lease
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.projection.checkout import project_checkout
from app.projection.context import Context, NeedsFirst
from app.projection.customer import project_customer
from app.projection.dispute import project_dispute
from app.projection.invoice import project_invoice
from app.projection.payment import project_payment
from app.projection.payout import project_payout
from app.projection.refund import project_refund
from app.projection.subscription import project_subscription
from app.reconciliation.deployment import find_news_since, is_muted
from app.stripe_gateway.digests import digest_of
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable
from app.stripe_gateway.gateway import StripeGateway

log = structlog.get_logger()


class SyncOutcome(StrEnum):
    """How one try ended."""

    applied = "applied"
    gone = "gone"
    """Stripe knows no such object."""
    postponed = "postponed"
    overtaken = "overtaken"
    """The lease ran out meanwhile; whoever took it applies a newer picture."""


@dataclass(frozen=True, kw_only=True)
class Synced:
    """What came of one try, and which objects are wanted because of it."""

    outcome: SyncOutcome
    follow_ups: tuple[Wanted, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Kind:
    fetch: Callable[[StripeGateway, str], Any]
    project: Callable[[Session, Any, Context], list[Wanted]]


_KINDS = {
    ObjectType.checkout_session: _Kind(fetch=StripeGateway.fetch_checkout, project=project_checkout),
    ObjectType.customer: _Kind(fetch=StripeGateway.fetch_customer, project=project_customer),
    ObjectType.subscription: _Kind(fetch=StripeGateway.fetch_subscription, project=project_subscription),
    ObjectType.invoice: _Kind(fetch=StripeGateway.fetch_invoice, project=project_invoice),
    ObjectType.payment_intent: _Kind(fetch=StripeGateway.fetch_payment, project=project_payment),
    ObjectType.refund: _Kind(fetch=StripeGateway.fetch_refund, project=project_refund),
    ObjectType.dispute: _Kind(fetch=StripeGateway.fetch_dispute, project=project_dispute),
    ObjectType.payout: _Kind(fetch=StripeGateway.fetch_payout, project=project_payout),
}


def sync_next(parts: Parts) -> Synced | None:
    """Sync the object that has waited longest; None where nothing is due."""
    with transaction(parts.sessions) as session:
        lease = leases.take_next(session, now=utc_now())
    return _sync_held(parts, lease) if lease else None


def sync_if_wanted(parts: Parts, wanted: Wanted) -> Synced | None:
    """Sync one object at once; None while another worker has it or it is up to date.

    In a restored database it waits for the full sweep, which alone puts numbers back in their order: a
    receipt issued before could take a number that somebody else holds.
    """
    if parts.restoring_since is None and not _may_act(parts):
        return Synced(outcome=SyncOutcome.postponed)
    with transaction(parts.sessions) as session:
        if parts.restoring_since is None and is_muted(session):
            return Synced(outcome=SyncOutcome.postponed)
        lease = leases.take_one(session, wanted, now=utc_now())
    return _sync_held(parts, lease) if lease else None


def sync_at_once(parts: Parts, wanted: Wanted, *, now: datetime) -> Synced | None:
    """Ask for the newest picture of an object and sync it; None while another worker has it."""
    with transaction(parts.sessions) as session:
        want(session, wanted, now=now)
    return sync_if_wanted(parts, wanted)


def _may_act(parts: Parts) -> bool:
    try:
        parts.watch.check()
    except StripeUnavailable:
        return False
    return True


def _sync_held(parts: Parts, lease: Lease) -> Synced:
    """Fetch and project under a lease; whatever fails is recorded and tried again later."""
    try:
        return _fetch_and_project(parts, lease)
    except leases.LeaseLost:
        return Synced(outcome=SyncOutcome.overtaken)
    except NeedsFirst as needs:
        return _postpone(parts, lease, "NeedsFirst", also_want=needs.wanted)
    except StripeUnavailable as away:
        return _postpone(parts, lease, f"StripeUnavailable {away}")
    except Exception as fault:  # noqa: BLE001 (one poisoned object never stops the others)
        return _postpone(parts, lease, type(fault).__name__)


def _fetch_and_project(parts: Parts, lease: Lease) -> Synced:
    kind = _KINDS[lease.object_type]
    try:
        snapshot = kind.fetch(parts.gateway, lease.object_id)
    except StripeRefused as refused:
        if not refused.missing:
            raise
        return _give_up(parts, lease)
    now = utc_now()
    with transaction(parts.sessions) as session:
        leases.complete(session, lease, digest=digest_of(snapshot, parts.vault.digest), now=now)
        follow_ups = apply_snapshot(
            session, parts, lease.object_type, snapshot, silent_before=lease.silent_before, now=now
        )
    return Synced(outcome=SyncOutcome.applied, follow_ups=follow_ups)


def apply_snapshot(
    session: Session,
    parts: Parts,
    object_type: ObjectType,
    snapshot: Any,
    *,
    silent_before: datetime | None,
    follow: bool = True,
    now: datetime,
) -> tuple[Wanted, ...]:
    """Project a snapshot in the caller's transaction; returns what is wanted because of it.

    Args: follow: False where the caller looks at those objects anyway.
    """
    bounds = (silent_before, parts.restoring_since, find_news_since(session))
    silent_before = max(filter(None, bounds), default=None)
    context = Context(
        now=now,
        newsroom=parts.newsroom,
        vault=parts.vault,
        silent_before=silent_before,
        restoring=parts.restoring_since is not None,
    )
    follow_ups = tuple(_KINDS[object_type].project(session, snapshot, context))
    for follow_up in follow_ups if follow else ():
        want(session, follow_up, now=now, silent_before=silent_before)
    return follow_ups


def _give_up(parts: Parts, lease: Lease) -> Synced:
    with transaction(parts.sessions) as session:
        leases.give_up(session, lease, error="resource_missing", now=utc_now())
        mark_gone(session, lease.object_id, now=utc_now())
    log.warning("sync.gone", object_type=lease.object_type.value, object_id=lease.object_id)
    return Synced(outcome=SyncOutcome.gone)


def _postpone(parts: Parts, lease: Lease, error: str, also_want: Wanted | None = None) -> Synced:
    now = utc_now()
    try:
        with transaction(parts.sessions) as session:
            attempts = leases.postpone(session, lease, error=error, now=now)
            if also_want:
                want(session, also_want, now=now, silent_before=lease.silent_before)
    except leases.LeaseLost:
        return Synced(outcome=SyncOutcome.overtaken)
    log.warning(
        "sync.postponed",
        object_type=lease.object_type.value,
        object_id=lease.object_id,
        error=error,
        attempts=attempts,
    )
    return Synced(outcome=SyncOutcome.postponed)
