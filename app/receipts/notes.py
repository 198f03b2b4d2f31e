"""What became of a payment after its receipt: told by notes that are added, never changed."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import insert_once
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.receipts.models import NoteKind, ReceiptNote


@dataclass(frozen=True, kw_only=True)
class DisputeStory:
    """How a dispute has gone so far; each instant is None until it comes."""

    by_debit: bool
    """Whether the payment was a bank debit: its return is final and asks nobody."""
    withdrawn_at: datetime | None
    returned_at: datetime | None
    lost_at: datetime | None


def notes_of_dispute(story: DisputeStory) -> list[tuple[NoteKind, datetime]]:
    """Return what a receipt is to say of a dispute, oldest first; nothing while no money has moved."""
    if story.withdrawn_at is None:
        return []
    taken = NoteKind.debit_returned if story.by_debit else NoteKind.disputed
    told = [(taken, story.withdrawn_at)]
    if story.lost_at and not story.by_debit:
        told.append((NoteKind.dispute_lost, story.lost_at))
    if story.returned_at:
        told.append((NoteKind.dispute_won, story.returned_at))
    return told


def add_note(
    session: Session,
    kind: NoteKind,
    *,
    receipt_id: UUID,
    stripe_object_id: str,
    noted_on: date,
    amount: Money,
    now: datetime,
) -> bool:
    """Add a note to a receipt, once for each object and kind; returns whether this call did it."""
    return insert_once(
        session,
        ReceiptNote,
        {
            "id": new_id(),
            "receipt_id": receipt_id,
            "kind": kind,
            "stripe_object_id": stripe_object_id,
            "noted_on": noted_on,
            "amount_minor": amount.minor,
            "currency": amount.currency,
            "created_at": now,
        },
    )
