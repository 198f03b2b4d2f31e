"""Posts balance transactions by themselves that no object's sync has brought, or will bring by itself."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from app.db import transaction
from app.flows.parts import Parts
from app.inbox.failing import STILL_TRIED
from app.inbox.models import WantedObject
from app.kernel.clock import utc_now
from app.kernel.errors import SmallFavorError
from app.ledger.models import Entry
from app.projection.context import Context
from app.projection.transaction import post_transaction
from app.reconciliation.models import UnpostedTransaction
from app.reconciliation.unposted import forget_unposted, postpone_unposted
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable
from app.stripe_gateway.money_reading import UNREADABLE

log = structlog.get_logger()

_ID = UnpostedTransaction.stripe_balance_transaction_id
NEXT_TRY = timedelta(hours=1)
UNPOSTABLE = (SmallFavorError, IntegrityError, DataError, *UNREADABLE)
"""What one transaction alone may fail by; a database that is away is nobody's fault."""


def post_unbrought(parts: Parts, *, limit: int | None = None) -> int:
    """Post the transactions whose bringer is a dead letter, or came through without them.

    One that fails waits an hour and holds up no other. What its bringer would have told, our rows may know:
    else the entry names no member, for good. Returns: how many were posted. Raises: StripeUnavailable.
    """
    with transaction(parts.sessions) as session:
        _forget_posted(session)
        due = _list_due(session, now=utc_now(), limit=limit)
    return sum(_post_alone(parts, transaction_id) for transaction_id in due)


def context_of(parts: Parts) -> Context:
    """Return what a posting needs to know; nobody is mailed about one."""
    return Context(now=utc_now(), newsroom=parts.newsroom, vault=parts.vault)


def _forget_posted(session: Session) -> None:
    posted = sa.exists().where(Entry.stripe_balance_transaction_id == _ID)
    session.execute(sa.delete(UnpostedTransaction).where(posted))


def _list_due(session: Session, *, now: datetime, limit: int | None) -> list[str]:
    still_tried = sa.exists().where(WantedObject.object_id == UnpostedTransaction.bringer_id, STILL_TRIED)
    due = sa.select(_ID).where(UnpostedTransaction.retry_at <= now, ~still_tried)
    return list(session.scalars(due.order_by(UnpostedTransaction.retry_at, _ID).limit(limit)))


def _post_alone(parts: Parts, transaction_id: str) -> bool:
    try:
        _fetch_and_post(parts, transaction_id)
    except StripeUnavailable as away:
        # Stripe may fail on this one alone: the next turn begins with another.
        _postpone(parts, transaction_id, f"StripeUnavailable {away}")
        raise
    except StripeRefused as refused:
        _postpone(parts, transaction_id, f"StripeRefused {refused.code}")
    except UNPOSTABLE as fault:
        _postpone(parts, transaction_id, type(fault).__name__)
    else:
        return True
    return False


def _fetch_and_post(parts: Parts, transaction_id: str) -> None:
    snapshot = parts.gateway.fetch_transaction(transaction_id)
    with transaction(parts.sessions) as session:
        posted = post_transaction(session, snapshot, context_of(parts))
        forget_unposted(session, transaction_id)
    if posted:
        log.warning("books.posted_alone", transaction_id=transaction_id, category=snapshot.category)


def _postpone(parts: Parts, transaction_id: str, error: str) -> None:
    log.warning("books.not_posted", transaction_id=transaction_id, error=error)
    with transaction(parts.sessions) as session:
        postpone_unposted(session, transaction_id, error=error[:255], retry_at=utc_now() + NEXT_TRY)
