"""Balance transactions: every one in the books, and the books' sum what Stripe holds."""

from app.db import reading, transaction
from app.flows.parts import Parts
from app.flows.reconcile.run import Run
from app.inbox.intake import want
from app.inbox.pages import find_known
from app.kernel.clock import utc_now
from app.ledger.models import Account
from app.ledger.queries import find_posted, sum_by_currency
from app.projection.context import Context
from app.projection.transaction import find_bringer, post_transaction
from app.reconciliation.balances import Balance, balances_of, replace_balances
from app.reconciliation.models import DriftKind
from app.reconciliation.sweeps import Found, list_drifted, record_drifts
from app.stripe_gateway.money_snapshots import TransactionPage
from app.stripe_gateway.snapshots import BalanceSnapshot

TRANSACTION = "balance_transaction"


def read_page(parts: Parts, run: Run) -> tuple[int, str | None]:
    """Read a page of balance transactions, and see to those without an entry.

    The object that brings a transaction is asked for, since it knows whose money that was; what no object
    brings is posted at once. Returns: how many there were, and the last one unless the list ends.
    Raises: StripeUnavailable, StripeRefused.
    """
    since = int(run.position.since.timestamp()) if run.position.since else None
    page = parts.gateway.list_balance_transactions(created_from=since, after=run.position.after)
    with reading(parts.sessions) as session:
        posted = find_posted(session, [one.id for one in page.transactions])
    unposted = [one for one in page.transactions if one.id not in posted]
    if unposted:
        _see_to(parts, run, page, unposted)
    return len(page.transactions), page.last_id


def post_what_no_sync_brought(parts: Parts, run: Run) -> None:
    """Post what this sweep found without an entry and what its object, up to date by now, did not bring.

    Raises: StripeUnavailable, StripeRefused.
    """
    with reading(parts.sessions) as session:
        found = list_drifted(session, run.sweep_id, DriftKind.unposted)
        left = set(found) - find_posted(session, found)
    for transaction_id in sorted(left):
        snapshot = parts.gateway.fetch_transaction(transaction_id)
        with transaction(parts.sessions) as session:
            post_transaction(session, snapshot, _context(parts, run))


def compare_balances(parts: Parts) -> list[Balance]:
    """Compare the books' sum with Stripe's balance, to the cent, and remember both.

    Raises: StripeUnavailable, StripeRefused.
    """
    theirs = parts.gateway.fetch_balance()
    with transaction(parts.sessions) as session:
        balances = balances_of(sum_by_currency(session, Account.stripe_balance), theirs)
        replace_balances(session, balances, now=utc_now())
    return balances


def _see_to(parts: Parts, run: Run, page: TransactionPage, unposted: list[BalanceSnapshot]) -> None:
    """Ask for what brings each, or post it; what waits for an object asked for already is no difference."""
    now, silent_before = utc_now(), run.position.silent_before
    bringers = {one.id: find_bringer(one, page.intent_ids.get(one.id)) for one in unposted}
    with transaction(parts.sessions) as session:
        known = find_known(session, [bringer[1] for bringer in bringers.values() if bringer])
        for one in unposted:
            bringer = bringers[one.id]
            if bringer and bringer[1] in known and known[bringer[1]].waits:
                continue
            record_drifts(session, run.sweep_id, [_unposted(one)], now=now)
            if bringer:
                want(session, bringer, now=now, silent_before=silent_before)
            else:
                post_transaction(session, one, _context(parts, run))


def _unposted(one: BalanceSnapshot) -> Found:
    return Found(kind=DriftKind.unposted, object_type=TRANSACTION, object_id=one.id)


def _context(parts: Parts, run: Run) -> Context:
    return Context(
        now=utc_now(),
        newsroom=parts.newsroom,
        vault=parts.vault,
        silent_before=run.position.silent_before,
    )
