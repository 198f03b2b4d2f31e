"""Objects that we hold to be there and that Stripe no longer lists: deleted customers, deleted drafts."""

from collections.abc import Iterable

from app.billing.presence import is_gone, list_drafts, list_unlisted_customers, mark_listed
from app.db import reading, transaction
from app.flows.parts import Parts
from app.flows.reconcile.run import Run
from app.flows.sync import sync_if_wanted
from app.inbox.events import Wanted
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.reconciliation.models import DriftKind
from app.reconciliation.sweeps import Found, record_drifts

AT_A_TIME = 100


def remember_listed(parts: Parts, customer_ids: Iterable[str]) -> None:
    """Remember that these customers are in Stripe's list now."""
    with transaction(parts.sessions) as session:
        mark_listed(session, customer_ids, now=utc_now())


def look_for_gone(parts: Parts, run: Run) -> tuple[int, str | None]:
    """Look at some of those that were not listed one by one; returns how many, and where to go on."""
    after = run.position.after or ""
    with reading(parts.sessions) as session:
        unlisted = list_unlisted_customers(session, before=run.began_at, after=after, limit=AT_A_TIME)
        drafts = [] if after else list_drafts(session)
    for customer_id in unlisted:
        _look(parts, run, (ObjectType.customer, customer_id))
    for invoice_id in drafts:
        _look(parts, run, (ObjectType.invoice, invoice_id))
    return 0, unlisted[-1] if len(unlisted) == AT_A_TIME else None


def _look(parts: Parts, run: Run, wanted: Wanted) -> None:
    now = utc_now()
    with transaction(parts.sessions) as session:
        want(session, wanted, now=now, silent_before=run.position.silent_before)
    sync_if_wanted(parts, wanted)
    with transaction(parts.sessions) as session:
        if is_gone(session, wanted[1]):
            found = Found(kind=DriftKind.gone, object_type=wanted[0], object_id=wanted[1])
            record_drifts(session, run.sweep_id, [found], now=now)
