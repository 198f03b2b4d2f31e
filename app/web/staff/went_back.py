"""What a member's record says of money that went back: disputes, credit notes, notes on receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Dispute
from app.kernel.money import Money
from app.receipts.models import NoteKind, Receipt
from app.receipts.queries import list_credit_notes, list_notes

_WORDS = {
    NoteKind.disputed: "Bank took the payment back",
    NoteKind.dispute_won: "Bank returned the money",
    NoteKind.dispute_lost: "Dispute lost",
    NoteKind.debit_returned: "Bank debit was returned",
    NoteKind.refund_failed: "Refund did not arrive",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One document or note: what it says, and of which receipt."""

    on: date
    words: str
    amount: Money
    receipt_number: str
    credit_note_id: UUID | None
    credit_note_number: str | None
    stripe_id: str


@dataclass(frozen=True, kw_only=True)
class WentBack:
    """All of it, newest first."""

    disputes: list[Dispute]
    told: list[Told]


def read_went_back(session: Session, receipts: Sequence[Receipt], disputes: list[Dispute]) -> WentBack:
    """Return what went back of the payments of these receipts, by two queries however many they are."""
    numbers = {receipt.id: receipt.number for receipt in receipts}
    notes = [
        Told(
            on=note.noted_on,
            words=_WORDS[note.kind],
            amount=Money(note.amount_minor, note.currency),
            receipt_number=numbers[note.receipt_id],
            credit_note_id=None,
            credit_note_number=None,
            stripe_id=note.stripe_object_id,
        )
        for note in list_notes(session, numbers)
    ]
    documents = [
        Told(
            on=note.refunded_on,
            words="Given back",
            amount=Money(note.amount_minor, note.currency),
            receipt_number=numbers[note.receipt_id],
            credit_note_id=note.id,
            credit_note_number=note.number,
            stripe_id=note.stripe_refund_id,
        )
        for note in list_credit_notes(session, numbers)
    ]
    newest_first = sorted((*documents, *notes), key=lambda told: told.on)[::-1]
    return WentBack(disputes=disputes, told=newest_first)
