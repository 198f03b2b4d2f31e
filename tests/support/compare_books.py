"""The ledger and what is numbered, against what Stripe moved."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.ledger.models import Account, Direction, Entry, Posting
from app.receipts.models import CreditNote, Receipt
from tests.support.compare_state import Comparison, StripeState, at, unlike
from tests.support.simulator import Json

BOOKED = {
    "charge": ("payment", "contributions", "processing_fees"),
    "charge_failure": ("dispute", "disputes", "dispute_fees"),
    "refund": ("refund", "refunds", "processing_fees"),
    "refund_failure": ("refund_failure", "refunds", "processing_fees"),
    "dispute": ("dispute", "disputes", "dispute_fees"),
    "dispute_reversal": ("dispute_reversal", "disputes", "dispute_fees"),
    "payout": ("payout", "bank", "stripe_fees"),
    "payout_reversal": ("payout_failure", "bank", "stripe_fees"),
    "fee": ("stripe_fee", "stripe_fees", "stripe_fees"),
}
"""By Stripe's category: the entry's kind, and the accounts of the amount and of the fee."""


def stripe_balance(session: Session) -> dict[str, int]:
    """Return what our ledger says Stripe holds, by currency."""
    held: dict[str, int] = defaultdict(int)
    for posting in session.scalars(sa.select(Posting).where(Posting.account == Account.stripe_balance)):
        held[posting.currency] += _signed(posting)
    return {currency: amount for currency, amount in held.items() if amount}


def _signed(posting: Posting) -> int:
    return posting.amount_minor if posting.direction is Direction.debit else -posting.amount_minor


def _entries(session: Session, stripe: StripeState) -> Iterable[str]:
    """One balanced entry for each balance transaction of whatever kind, on the accounts it belongs to."""
    moves: dict[Any, dict[str, int]] = defaultdict(dict)
    for posting in session.scalars(sa.select(Posting)):
        moved = moves[posting.entry_id]
        moved[posting.account.value] = moved.get(posting.account.value, 0) + _signed(posting)
    entries = session.scalars(sa.select(Entry)).all()
    yield from (f"entry {one.id}: not balanced" for one in entries if sum(moves[one.id].values()))
    ours = {
        one.stripe_balance_transaction_id: (
            one.kind.value,
            moves[one.id],
            one.currency,
            one.occurred_at,
            one.given_minor,
            one.payment_id is None,
        )
        for one in entries
    }
    theirs = {key: _entry(found, stripe) for key, found in stripe.all("balance_transaction").items()}
    yield from unlike("entry", ours, theirs)


def _entry(found: Json, stripe: StripeState) -> tuple[object, ...]:
    kind, against, fees = BOOKED[found["reporting_category"]]
    moved: dict[str, int] = defaultdict(int)
    for account, minor in (
        ("stripe_balance", found["net"]),
        (fees, found["fee"]),
        (against, -found["amount"]),
    ):
        moved[account] += minor
    lines = {account: minor for account, minor in moved.items() if minor}
    seen = _seen_by_the_reader(found, stripe)
    given = found["amount"] if seen is None else seen
    return kind, lines, found["currency"], at(found["created"]), given, seen is None


def _seen_by_the_reader(found: Json, stripe: StripeState) -> int | None:
    """What the reader gave or lost by it, in their own currency; None where it is nobody's money."""
    for kind in ("charge", "refund", "dispute"):
        source = stripe.all(kind).get(found["source"])
        if source:
            return int(source["amount"] if found["amount"] > 0 else -source["amount"])
    return None


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


def gaps(receipts: Iterable[Receipt] | Iterable[CreditNote], *, what: str = "receipts") -> list[str]:
    """Return which years of which legal entity are not numbered 1, 2, 3 …, and numbers given twice."""
    serials: dict[tuple[str, int], list[int]] = defaultdict(list)
    for receipt in receipts:
        serials[receipt.legal_entity, receipt.year].append(receipt.serial)
    return [
        f"{what} of {entity} {year}: {sorted(given)}"
        for (entity, year), given in serials.items()
        if sorted(given) != list(range(1, len(given) + 1))
    ]


COMPARISONS: tuple[Comparison, ...] = (_entries, _balances, _receipts)
