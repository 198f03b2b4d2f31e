"""Reads the ledger."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.batches import in_batches
from app.ledger.models import Account, Direction, Entry, Posting

_ASKED_AT_ONCE = 500


def find_posted(session: Session, transaction_ids: Sequence[str]) -> set[str]:
    """Return which of these balance transactions have an entry."""
    posted: set[str] = set()
    for some in in_batches(transaction_ids, _ASKED_AT_ONCE):
        known = Entry.stripe_balance_transaction_id
        posted.update(session.scalars(sa.select(known).where(known.in_(some))))
    return posted


def sum_by_currency(session: Session, account: Account) -> dict[str, int]:
    """Return what stands on an account, debits less credits, in minor units by currency, zeros left out."""
    signed = sa.case(
        (Posting.direction == Direction.debit, Posting.amount_minor), else_=-Posting.amount_minor
    )
    summed = (
        sa.select(Posting.currency, sa.func.sum(signed))
        .where(Posting.account == account)
        .group_by(Posting.currency)
    )
    return {currency: int(minor) for currency, minor in session.execute(summed) if minor}
