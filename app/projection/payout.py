"""A payout: its row, its going out and coming back in the books, and what it is made of."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.billing.models import Payout, PayoutLine
from app.billing.statuses import PayoutStatus
from app.db import save_row, upsert
from app.inbox.events import Wanted
from app.kernel.batches import in_batches
from app.ledger.queries import find_posted
from app.projection.context import Context
from app.projection.transaction import find_bringer, post_about, post_transaction
from app.stripe_gateway.money_snapshots import PayoutSnapshot
from app.stripe_gateway.snapshots import BalanceSnapshot

_WRITTEN_AT_ONCE = 500


def project_payout(session: Session, payout: PayoutSnapshot, context: Context) -> list[Wanted]:
    """Apply a payout, and see to it that everything it is made of is in the books.

    A line without an entry is wanted with the object that brings it; what no object brings, as a fee
    apart from any payment, is posted here.
    """
    _save(session, payout, context)
    for balance in filter(None, (payout.balance, payout.failure_balance)):
        post_about(session, balance, None, context)
    _save_lines(session, payout)
    return list(dict.fromkeys(_bring_in(session, payout, context)))


def _save(session: Session, payout: PayoutSnapshot, context: Context) -> None:
    came_back = payout.failure_balance
    values = {
        "stripe_payout_id": payout.id,
        "status": PayoutStatus(payout.status),
        "amount_minor": payout.amount.minor,
        "currency": payout.amount.currency,
        "arrival_on": payout.arrival_on,
        "automatic": payout.automatic,
        "failure_code": payout.failure_code,
        "stripe_balance_transaction_id": payout.balance.id if payout.balance else None,
        "stripe_failure_balance_transaction_id": came_back.id if came_back else None,
        "created_at": payout.created_at,
        "synced_at": context.now,
    }
    save_row(session, Payout, "stripe_payout_id", values)


def _save_lines(session: Session, payout: PayoutSnapshot) -> None:
    """Balance transactions never change, nor does the payout they are in: what is there stays."""
    for some in in_batches(payout.lines, _WRITTEN_AT_ONCE):
        rows = [_line(payout.id, one) for one in some]
        session.execute(upsert(session, PayoutLine).values(rows).on_conflict_do_nothing())


def _line(payout_id: str, transaction: BalanceSnapshot) -> dict[str, object]:
    return {
        "stripe_balance_transaction_id": transaction.id,
        "stripe_payout_id": payout_id,
        "kind": transaction.category,
        "stripe_source_id": transaction.source_id,
        "gross_minor": transaction.gross.minor,
        "fee_minor": transaction.fee.minor,
        "net_minor": (transaction.gross - transaction.fee).minor,
        "currency": transaction.gross.currency,
        "occurred_at": transaction.created_at,
    }


def _bring_in(session: Session, payout: PayoutSnapshot, context: Context) -> Iterator[Wanted]:
    posted = find_posted(session, [line.id for line in payout.lines])
    for line in payout.lines:
        if line.id in posted:
            continue
        bringer = find_bringer(line, payout.intent_ids.get(line.id))
        if bringer:
            yield bringer
        else:
            post_transaction(session, line, context)
