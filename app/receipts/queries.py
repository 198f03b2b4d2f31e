"""Reads receipts."""

from collections.abc import Collection, Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.receipts.models import CreditNote, Receipt, ReceiptNote


def list_receipts(session: Session, member_ids: Collection[UUID]) -> list[Receipt]:
    """Return the receipts of a member, newest first; of all records that are one person."""
    statement = sa.select(Receipt).where(Receipt.member_id.in_(member_ids))
    return list(session.scalars(statement.order_by(Receipt.paid_on.desc(), Receipt.serial.desc())))


def find_member_id(session: Session, number: str) -> UUID | None:
    """Return the member to whom the number of a receipt or credit note was given."""
    for model in (Receipt, CreditNote):
        member_id = session.scalar(sa.select(model.member_id).where(model.number == number))
        if member_id:
            return member_id
    return None


def list_receipts_of(session: Session, payments: Iterable[UUID]) -> list[Receipt]:
    """Return the receipts of these payments."""
    return list(session.scalars(sa.select(Receipt).where(Receipt.payment_id.in_(list(payments)))))


def find_receipt_of(session: Session, payment_id: UUID) -> Receipt | None:
    """Return the receipt of a payment."""
    return session.scalar(sa.select(Receipt).where(Receipt.payment_id == payment_id))


def list_credit_notes(session: Session, receipts: Iterable[UUID]) -> list[CreditNote]:
    """Return the credit notes that answer these receipts, oldest first."""
    statement = sa.select(CreditNote).where(CreditNote.receipt_id.in_(list(receipts)))
    return list(session.scalars(statement.order_by(CreditNote.refunded_on, CreditNote.serial)))


def list_notes(session: Session, receipts: Iterable[UUID]) -> list[ReceiptNote]:
    """Return what became of the payments of these receipts, oldest first."""
    statement = sa.select(ReceiptNote).where(ReceiptNote.receipt_id.in_(list(receipts)))
    return list(session.scalars(statement.order_by(ReceiptNote.noted_on, ReceiptNote.id)))
