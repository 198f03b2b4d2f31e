"""Reads the ledger."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.batches import in_batches
from app.ledger.models import Entry

_ASKED_AT_ONCE = 500


def find_posted(session: Session, transaction_ids: Sequence[str]) -> set[str]:
    """Return which of these balance transactions have an entry."""
    posted: set[str] = set()
    for some in in_batches(transaction_ids, _ASKED_AT_ONCE):
        known = Entry.stripe_balance_transaction_id
        posted.update(session.scalars(sa.select(known).where(known.in_(some))))
    return posted
