"""The ledger and what is numbered, against what Stripe moved."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.ledger.models import Account, Direction, Entry, Posting
from app.receipts.models import Receipt
from tests.support.compare_state import Comparison, StripeState, at, unlike

KINDS = {
    "charge": "payment",
    "charge_failure": "dispute",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "dispute": "dispute",
    "dispute_reversal": "dispute_reversal",
    "payout": "payout",
    "payout_reversal": "payout_failure",
    "fee": "stripe_fee",
}
"""What each of Stripe's categories is in the books."""
FEES = (Account.processing_fees, Account.dispute_fees, Account.stripe_fees)


def stripe_balance(session: Session) -> dict[str, int]:
    """Return what our ledger says Stripe holds, by currency."""
    held: dict[str, int] = defaultdict(int)
    for posting in session.scalars(sa.select(Posting).where(Posting.account == Account.stripe_balance)):
        held[posting.currency] += _signed(posting)
    return {currency: amount for currency, amount in held.items() if amount}


def _signed(posting: Posting) -> int:
    return posting.amount_minor if posting.direction is Direction.debit else -posting.amount_minor


def _entries(session: Session, stripe: StripeState) -> Iterable[str]:
    """One balanced entry for each balance transaction, moving the balance by its net."""
    lines: dict[Any, list[Posting]] = defaultdict(list)
    for posting in session.scalars(sa.select(Posting)):
        lines[posting.entry_id].append(posting)
    entries = session.scalars(sa.select(Entry)).all()
    for entry in entries:
        if sum(_signed(line) for line in lines[entry.id]):
            yield f"entry {entry.id}: not balanced"
    ours = {
        entry.stripe_balance_transaction_id: (
            entry.kind.value,
            _moved(lines[entry.id], Account.stripe_balance),
            _moved(lines[entry.id], *FEES),
            entry.currency,
            entry.occurred_at,
        )
        for entry in entries
    }
    theirs = {
        key: (
            KINDS[found["reporting_category"]],
            found["net"],
            found["fee"],
            found["currency"],
            at(found["created"]),
        )
        for key, found in stripe.all("balance_transaction").items()
    }
    yield from unlike("entry", ours, theirs)


def _moved(lines: list[Posting], *accounts: Account) -> int:
    return sum(_signed(line) for line in lines if line.account in accounts)


def _balances(session: Session, stripe: StripeState) -> Iterable[str]:
    yield from unlike("balance", stripe_balance(session), stripe.held())


def _receipts(session: Session, stripe: StripeState) -> Iterable[str]:
    """One receipt for each paid payment, numbered from 1 without a gap in each year."""
    receipts = session.scalars(sa.select(Receipt)).all()
    intents = {
        row.id: row.stripe_payment_intent_id for row in session.scalars(sa.select(Payment)) if row.paid_at
    }
    yield from unlike(
        "receipt",
        {intents[row.payment_id]: (row.amount_minor, row.currency) for row in receipts},
        {intent["id"]: (intent["amount"], intent["currency"]) for intent in stripe.succeeded()},
    )
    yield from gaps(receipts)


def gaps(receipts: Iterable[Receipt]) -> list[str]:
    """Return which years of which legal entity are not numbered 1, 2, 3 …, and numbers given twice."""
    serials: dict[tuple[str, int], list[int]] = defaultdict(list)
    for receipt in receipts:
        serials[receipt.legal_entity, receipt.year].append(receipt.serial)
    return [
        f"receipts of {entity} {year}: {sorted(given)}"
        for (entity, year), given in serials.items()
        if sorted(given) != list(range(1, len(given) + 1))
    ]


COMPARISONS: tuple[Comparison, ...] = (_entries, _balances, _receipts)
