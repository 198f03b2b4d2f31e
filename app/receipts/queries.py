"""Reads receipts."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.receipts.models import Receipt


def list_receipts(session: Session, member_id: UUID) -> list[Receipt]:
    """Return a member's receipts, newest first."""
    statement = sa.select(Receipt).where(Receipt.member_id == member_id)
    return list(session.scalars(statement.order_by(Receipt.paid_on.desc(), Receipt.serial.desc())))


def find_member_id(session: Session, number: str) -> UUID | None:
    """Return the member to whom a receipt number was given."""
    return session.scalar(sa.select(Receipt.member_id).where(Receipt.number == number))


def find_receipt_of(session: Session, payment_id: UUID) -> Receipt | None:
    """Return the receipt of a payment."""
    return session.scalar(sa.select(Receipt).where(Receipt.payment_id == payment_id))
