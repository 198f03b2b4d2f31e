"""Credit notes and what receipts say of their payments, against Stripe's refunds and disputes."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.receipts.models import CreditNote, NoteKind, Receipt, ReceiptNote
from tests.support.compare_books import gaps
from tests.support.compare_state import Comparison, StripeState, unlike
from tests.support.simulator import Json


def _credit_notes(session: Session, stripe: StripeState) -> Iterable[str]:
    """One credit note for each refund whose money has left, numbered from 1 without a gap in each year."""
    notes = session.scalars(sa.select(CreditNote)).all()
    intents = _intents_by_receipt(session)
    yield from unlike(
        "credit note",
        {row.stripe_refund_id: (row.amount_minor, row.currency, intents[row.receipt_id]) for row in notes},
        {
            key: (found["amount"], found["currency"], found["payment_intent"])
            for key, found in stripe.all("refund").items()
            if found["balance_transaction"]
        },
    )
    yield from gaps(notes, what="credit notes")


def _notes(session: Session, stripe: StripeState) -> Iterable[str]:
    """What each receipt says of its payment is what Stripe shows of disputes and failed refunds."""
    intents = _intents_by_receipt(session)
    ours = {
        (row.stripe_object_id, row.kind.value): (row.amount_minor, row.currency, intents[row.receipt_id])
        for row in session.scalars(sa.select(ReceiptNote))
    }
    theirs = {
        (found["id"], kind.value): (found["amount"], found["currency"], found["payment_intent"])
        for found in [*stripe.all("dispute").values(), *stripe.all("refund").values()]
        for kind in _told_of(found, stripe)
    }
    yield from unlike("receipt note", ours, theirs)


def _told_of(found: Json, stripe: StripeState) -> Iterable[NoteKind]:
    if found["object"] == "refund":
        if _transactions_about(found["id"], stripe, "refund_failure"):
            yield NoteKind.refund_failed
        return
    if not _transactions_about(found["id"], stripe, "dispute"):
        return
    method = stripe.all("charge")[found["charge"]]["payment_method_details"]["type"]
    yield NoteKind.disputed if method == "card" else NoteKind.debit_returned
    if found["status"] == "lost" and method == "card":
        yield NoteKind.dispute_lost
    if _transactions_about(found["id"], stripe, "dispute_reversal"):
        yield NoteKind.dispute_won


def _transactions_about(source: str, stripe: StripeState, category: str) -> list[Json]:
    return [
        found
        for found in stripe.all("balance_transaction").values()
        if found["source"] == source and found["reporting_category"] == category
    ]


def _intents_by_receipt(session: Session) -> dict[Any, str]:
    of_receipt = sa.select(Receipt.id, Payment.stripe_payment_intent_id).join(
        Payment, Payment.id == Receipt.payment_id
    )
    return {row.id: row.stripe_payment_intent_id for row in session.execute(of_receipt)}


COMPARISONS: tuple[Comparison, ...] = (_credit_notes, _notes)
