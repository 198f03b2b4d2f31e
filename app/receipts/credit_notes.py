"""Issues credit notes: numbered without a gap in a series of their own, once for each refund."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.receipts.models import CreditNote, CreditNoteCounter
from app.receipts.numbers import NEXT, Numbering, Series, choose_serial, number_of


@dataclass(frozen=True, kw_only=True)
class CreditNoteFacts:
    """All that a credit note will print, but its number."""

    stripe_refund_id: str
    receipt_id: UUID
    member_id: UUID
    refunded_on: date
    language: str
    amount: Money
    legal_entity: str
    wording: dict[str, object]
    sealed_name: bytes | None


def issue_credit_note(
    session: Session, facts: CreditNoteFacts, *, now: datetime, numbering: Numbering = NEXT
) -> CreditNote | None:
    """Issue the credit note of a refund; None where it has one already.

    The year of the number is that of the refund.
    """
    known = sa.select(CreditNote.id).where(CreditNote.stripe_refund_id == facts.stripe_refund_id)
    if session.scalar(known):
        return None
    year = facts.refunded_on.year
    series = Series(
        document=CreditNote, counter=CreditNoteCounter, legal_entity=facts.legal_entity, year=year
    )
    serial = choose_serial(session, series, numbering)
    note = CreditNote(
        id=new_id(),
        legal_entity=facts.legal_entity,
        year=year,
        serial=serial,
        number=number_of(series, serial),
        receipt_id=facts.receipt_id,
        member_id=facts.member_id,
        stripe_refund_id=facts.stripe_refund_id,
        refunded_on=facts.refunded_on,
        language=facts.language,
        amount_minor=facts.amount.minor,
        currency=facts.amount.currency,
        wording=json.dumps(facts.wording, ensure_ascii=False, sort_keys=True),
        sealed_name=facts.sealed_name,
        created_at=now,
    )
    session.add(note)
    session.flush()
    return note
