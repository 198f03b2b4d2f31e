"""Turns Stripe's balance transactions, disputes and payouts into snapshots."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from app.kernel.clock import from_timestamp
from app.kernel.money import Money
from app.stripe_gateway.fields import id_of
from app.stripe_gateway.money_snapshots import DisputeSnapshot, PayoutSnapshot, TransactionPage
from app.stripe_gateway.snapshots import BalanceSnapshot

if TYPE_CHECKING:
    import stripe

UNREADABLE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What reading a picture of another make than ours raises; an instant out of range is an OSError on some
systems."""


def find_transaction(transaction: "stripe.BalanceTransaction | str | None") -> BalanceSnapshot | None:
    """Read a field that holds a balance transaction; None where there is none yet, or it is not expanded."""
    return None if transaction is None or isinstance(transaction, str) else read_transaction(transaction)


def read_transaction(transaction: "stripe.BalanceTransaction") -> BalanceSnapshot:
    """Read a balance transaction; whether it is pending is left out, for it only says when."""
    rate = transaction.exchange_rate
    return BalanceSnapshot(
        id=transaction.id,
        category=transaction.reporting_category,
        source_id=id_of(transaction.source),
        gross=Money(transaction.amount, transaction.currency),
        fee=Money(transaction.fee, transaction.currency),
        exchange_rate=Decimal(str(rate)) if rate is not None else None,
        created_at=from_timestamp(transaction.created),
    )


def read_dispute(dispute: "stripe.Dispute") -> DisputeSnapshot:
    """Read a dispute; Stripe always shows its balance transactions in full."""
    due_by = dispute.evidence_details.due_by
    return DisputeSnapshot(
        id=dispute.id,
        status=dispute.status,
        reason=dispute.reason,
        amount=Money(dispute.amount, dispute.currency),
        charge_id=id_of(dispute.charge) or "",
        payment_intent_id=id_of(dispute.payment_intent),
        evidence_due_at=from_timestamp(due_by) if due_by else None,
        created_at=from_timestamp(dispute.created),
        balances=_oldest_first(dispute.balance_transactions),
    )


def read_payout(payout: "stripe.Payout", made_of: "list[stripe.BalanceTransaction]") -> PayoutSnapshot:
    """Read a payout retrieved with both of its balance transactions expanded.

    Args: made_of: what Stripe lists for it with sources expanded, the payout's own among them.
    """
    lines = _oldest_first(made_of)
    return PayoutSnapshot(
        id=payout.id,
        status=payout.status,
        amount=Money(payout.amount, payout.currency),
        arrival_on=from_timestamp(payout.arrival_date).date(),
        automatic=payout.automatic,
        failure_code=payout.failure_code,
        created_at=from_timestamp(payout.created),
        balance=find_transaction(payout.balance_transaction),
        failure_balance=find_transaction(payout.failure_balance_transaction),
        matched=has_lines(payout),
        lines=tuple(line for line in lines if line.source_id != payout.id),
        intent_ids=_intents_of(made_of),
    )


def has_lines(payout: "stripe.Payout") -> bool:
    """Whether Stripe can list what a payout is made of; https://docs.stripe.com/payouts/reconciliation."""
    return payout.automatic and payout.reconciliation_status == "completed"


def read_transactions(page: "stripe.ListObject[stripe.BalanceTransaction]") -> TransactionPage:
    """Read a page listed with `data.source` expanded; what cannot be read is named, and stops no other."""
    read: list[BalanceSnapshot] = []
    intent_ids: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for one in page.data:
        try:
            snapshot, found = read_transaction(one), _intents_of([one])
        except UNREADABLE as fault:
            unreadable[one.id] = type(fault).__name__
        else:
            read.append(snapshot)
            intent_ids |= found
    return TransactionPage(
        transactions=tuple(read),
        intent_ids=intent_ids,
        last_id=page.data[-1].id if page.has_more and page.data else None,
        unreadable=unreadable,
    )


def read_balance(balance: "stripe.Balance") -> dict[str, int]:
    """Return what Stripe holds, available or pending, in minor units by currency; nothing is left out."""
    held: dict[str, int] = {}
    parts = [(part.currency, part.amount) for part in balance.available]
    for currency, minor in parts + [(part.currency, part.amount) for part in balance.pending]:
        held[currency] = held.get(currency, 0) + minor
    return {currency: minor for currency, minor in held.items() if minor}


def _intents_of(transactions: "Iterable[stripe.BalanceTransaction]") -> dict[str, str]:
    found = ((transaction.id, _intent_of(transaction)) for transaction in transactions)
    return {transaction_id: intent_id for transaction_id, intent_id in found if intent_id}


def _intent_of(transaction: "stripe.BalanceTransaction") -> str | None:
    source = transaction.source
    if source is None or isinstance(source, str) or source.object != "charge":
        return None
    return id_of(source.payment_intent)


def _oldest_first(transactions: "Iterable[stripe.BalanceTransaction]") -> tuple[BalanceSnapshot, ...]:
    read = map(read_transaction, transactions)
    return tuple(sorted(read, key=lambda transaction: (transaction.created_at, transaction.id)))
