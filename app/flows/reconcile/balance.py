"""Balance transactions: every one in the books, and the books' sum what Stripe holds."""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from app.db import reading, transaction
from app.flows.parts import Parts
from app.flows.reconcile.run import Run
from app.flows.reconcile.unposted import UNPOSTABLE, context_of
from app.inbox.events import Wanted
from app.inbox.intake import want
from app.inbox.pages import find_known
from app.kernel.clock import utc_now
from app.ledger.models import Account
from app.ledger.queries import find_posted, sum_by_currency
from app.projection.transaction import find_bringer, post_transaction
from app.reconciliation.balances import Balance, balances_of, replace_balances
from app.reconciliation.models import DriftKind
from app.reconciliation.sweeps import Found, record_drifts
from app.reconciliation.unposted import Unposted, remember_unposted
from app.stripe_gateway.money_snapshots import TransactionPage
from app.stripe_gateway.snapshots import BalanceSnapshot

log = structlog.get_logger()

TRANSACTION = "balance_transaction"


def read_page(parts: Parts, run: Run) -> tuple[int, str | None]:
    """Read a page of balance transactions, and see to those without an entry.

    The object that brings a transaction is asked for, since it knows whose money that was; what no object
    brings is posted at once. Whatever has no entry then is remembered until it has one.
    Returns: how many there were, and the last one unless the list ends.
    Raises: StripeUnavailable, StripeRefused.
    """
    since = int(run.position.since.timestamp()) if run.position.since else None
    page = parts.gateway.list_balance_transactions(created_from=since, after=run.position.after)
    see_to_page(parts, run, page)
    return len(page.transactions) + len(page.unreadable), page.last_id


def see_to_page(parts: Parts, run: Run, page: TransactionPage) -> None:
    """See to every transaction of a page that has no entry; one that fails stops no other."""
    with reading(parts.sessions) as session:
        posted = find_posted(session, [*(one.id for one in page.transactions), *page.unreadable])
    unposted = [one for one in page.transactions if one.id not in posted]
    unreadable = {one: error for one, error in page.unreadable.items() if one not in posted}
    if unposted or unreadable:
        with transaction(parts.sessions) as session:
            _see_to(session, parts, run, [(one, page.intent_ids.get(one.id)) for one in unposted])
            _remember_unreadable(session, run, unreadable)


def compare_balances(parts: Parts) -> list[Balance]:
    """Compare the books' sum with Stripe's balance, to the cent, and remember both.

    Raises: StripeUnavailable, StripeRefused.
    """
    theirs = parts.gateway.fetch_balance()
    with transaction(parts.sessions) as session:
        balances = balances_of(sum_by_currency(session, Account.stripe_balance), theirs)
        replace_balances(session, balances, now=utc_now())
    return balances


def _see_to(
    session: Session, parts: Parts, run: Run, unposted: Sequence[tuple[BalanceSnapshot, str | None]]
) -> None:
    """Ask for what brings each, or post it; what waits for an object asked for already is no difference."""
    now, silent_before = utc_now(), run.position.silent_before
    brought = [(one, find_bringer(one, intent_id)) for one, intent_id in unposted]
    known = find_known(session, [bringer[1] for _, bringer in brought if bringer])
    left = []
    for one, bringer in brought:
        before = known.get(bringer[1]) if bringer else None
        if before is None or not before.waits:
            record_drifts(session, run.sweep_id, [_drift(one.id)], now=now)
        error = None
        if bringer is None:
            error = _try_to_post(session, one, parts)
        elif before is None or before.held or not before.waits:
            # A fetch under way may still show it without this transaction: it is asked for once more.
            want(session, bringer, now=now, silent_before=silent_before)
        if bringer or error:
            left.append(_as_unposted(one, bringer, error))
    remember_unposted(session, left, now=now)


def _try_to_post(session: Session, one: BalanceSnapshot, parts: Parts) -> str | None:
    """Post what no object brings, or none of it; returns what went wrong."""
    try:
        with session.begin_nested():
            post_transaction(session, one, context_of(parts))
    except UNPOSTABLE as fault:
        log.warning("reconcile.not_posted", transaction_id=one.id, error=type(fault).__name__)
        return type(fault).__name__
    return None


def _as_unposted(one: BalanceSnapshot, bringer: Wanted | None, error: str | None) -> Unposted:
    return Unposted(
        transaction_id=one.id,
        category=one.category,
        net=one.gross - one.fee if one.gross.currency == one.fee.currency else None,
        bringer=(bringer[0].value, bringer[1]) if bringer else None,
        error=error,
    )


def _remember_unreadable(session: Session, run: Run, unreadable: dict[str, str]) -> None:
    now = utc_now()
    for transaction_id, error in unreadable.items():
        log.warning("reconcile.unreadable", object_id=transaction_id, error=error)
    record_drifts(session, run.sweep_id, map(_drift, unreadable), now=now)
    left = [Unposted(transaction_id=one, error=error) for one, error in unreadable.items()]
    remember_unposted(session, left, now=now)


def _drift(transaction_id: str) -> Found:
    return Found(kind=DriftKind.unposted, object_type=TRANSACTION, object_id=transaction_id)
