"""What a member has paid, a page at a time: each payment in its own currency, and what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.history import list_payments_page, list_refunds_under_way
from app.billing.models import Payment, Refund
from app.billing.statuses import PaymentStatus
from app.db import reading
from app.flows.draw import ReceiptFile, ReceiptUnknown, draw_credit_note, draw_receipt
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.merging import list_ids
from app.receipts.models import CreditNote, NoteKind, Receipt, ReceiptNote
from app.receipts.queries import list_credit_notes, list_notes, list_receipts_of

A_PAGE = 12


@dataclass(frozen=True, kw_only=True)
class Document:
    """A receipt or credit note that can be fetched."""

    id: UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class Became:
    """One thing that happened to a payment afterwards."""

    on: date
    amount: Money
    kind: NoteKind | None
    """None where money was given back, or is on its way back."""
    credit_note: Document | None = None
    is_under_way: bool = False


@dataclass(frozen=True, kw_only=True)
class Paid:
    """One payment as its giver reads it."""

    on: date
    amount: Money
    interval: Interval
    method: str | None
    is_under_way: bool
    """A bank debit that the bank has not answered."""
    receipt: Document | None
    became: tuple[Became, ...]
    """Oldest first."""


@dataclass(frozen=True, kw_only=True)
class History:
    """One page of it, newest first."""

    payments: tuple[Paid, ...]
    has_older: bool


def list_history(parts: Parts, member_id: UUID, *, page: int = 1, size: int = A_PAGE) -> History:
    """Return a page of a member's payments, the first being the newest; the same queries however many."""
    with reading(parts.sessions) as session:
        rows = list_payments_page(session, member_id, skip=(page - 1) * size, limit=size + 1)
        shown = rows[:size]
        return History(payments=_paid(session, parts, shown), has_older=len(rows) > size)


def draw_own_receipt(parts: Parts, member_id: UUID, receipt_id: UUID) -> ReceiptFile:
    """Return a receipt of a member's own. Raises: ReceiptUnknown: also where it is somebody else's."""
    with reading(parts.sessions) as session:
        receipt = session.get(Receipt, receipt_id)
        theirs = list_ids(session, member_id)
    if receipt is None or receipt.member_id not in theirs:
        raise ReceiptUnknown(str(receipt_id))
    return draw_receipt(parts, receipt_id)


def draw_own_credit_note(parts: Parts, member_id: UUID, credit_note_id: UUID) -> ReceiptFile:
    """Return a credit note of a member's own. Raises: ReceiptUnknown: also where it is somebody else's."""
    with reading(parts.sessions) as session:
        note = session.get(CreditNote, credit_note_id)
        theirs = list_ids(session, member_id)
    if note is None or note.member_id not in theirs:
        raise ReceiptUnknown(str(credit_note_id))
    return draw_credit_note(parts, credit_note_id)


def _paid(session: Session, parts: Parts, rows: Sequence[Payment]) -> tuple[Paid, ...]:
    receipts = {one.payment_id: one for one in list_receipts_of(session, [row.id for row in rows])}
    became = _became(session, parts, receipts.values(), rows)
    return tuple(
        Paid(
            on=local_date(row.paid_at or row.created_at, parts.newsroom.zone),
            amount=Money(row.amount_minor, row.currency),
            interval=row.interval,
            method=" ".join(filter(None, (row.method, row.method_last4))) or None,
            is_under_way=row.status is PaymentStatus.processing,
            receipt=_document(receipts[row.id]) if row.id in receipts else None,
            became=tuple(sorted(became[row.id], key=lambda one: one.on)),
        )
        for row in rows
    )


def _became(
    session: Session, parts: Parts, receipts: Iterable[Receipt], rows: Sequence[Payment]
) -> dict[UUID, list[Became]]:
    """Return what became of these payments, by the payment's id."""
    payment_of = {receipt.id: receipt.payment_id for receipt in receipts}
    found: dict[UUID, list[Became]] = defaultdict(list)
    answered: set[str] = set()
    for note in list_credit_notes(session, payment_of):
        answered.add(note.stripe_refund_id)
        found[payment_of[note.receipt_id]].append(_given_back(note))
    for remark in list_notes(session, payment_of):
        found[payment_of[remark.receipt_id]].append(_remark(remark))
    by_intent = {row.stripe_payment_intent_id: row.id for row in rows}
    for refund in list_refunds_under_way(session, by_intent):
        if refund.stripe_refund_id not in answered and refund.stripe_payment_intent_id:
            found[by_intent[refund.stripe_payment_intent_id]].append(_on_its_way(refund, parts))
    return found


def _given_back(note: CreditNote) -> Became:
    return Became(
        on=note.refunded_on,
        amount=Money(note.amount_minor, note.currency),
        kind=None,
        credit_note=_document(note),
    )


def _remark(note: ReceiptNote) -> Became:
    return Became(on=note.noted_on, amount=Money(note.amount_minor, note.currency), kind=note.kind)


def _on_its_way(refund: Refund, parts: Parts) -> Became:
    return Became(
        on=local_date(refund.created_at, parts.newsroom.zone),
        amount=Money(refund.amount_minor, refund.currency),
        kind=None,
        is_under_way=True,
    )


def _document(row: Receipt | CreditNote) -> Document:
    return Document(id=row.id, number=row.number)
