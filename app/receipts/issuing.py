"""Issues receipts: numbered without a gap, once for each payment."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.receipts.models import Receipt, ReceiptCounter
from app.receipts.numbers import NEXT, Numbering, Series, choose_serial, number_of


@dataclass(frozen=True, kw_only=True)
class ReceiptFacts:
    """All that a receipt will print, but its number."""

    payment_id: UUID
    member_id: UUID
    paid_on: date
    language: str
    amount: Money
    interval: Interval
    period_start_on: date | None
    period_end_on: date | None
    legal_entity: str
    wording: dict[str, object]
    payment_method: str | None
    sealed_name: bytes | None


def issue_receipt(
    session: Session, facts: ReceiptFacts, *, now: datetime, numbering: Numbering = NEXT
) -> Receipt:
    """Return the payment's receipt, issued now if it has none.

    Numbers follow each other without a gap. The year is that of the payment.
    """
    known = session.scalar(sa.select(Receipt).where(Receipt.payment_id == facts.payment_id))
    if known:
        return known
    year = facts.paid_on.year
    series = Series(document=Receipt, counter=ReceiptCounter, legal_entity=facts.legal_entity, year=year)
    serial = choose_serial(session, series, numbering)
    receipt = Receipt(
        id=new_id(),
        legal_entity=facts.legal_entity,
        year=year,
        serial=serial,
        number=number_of(series, serial),
        payment_id=facts.payment_id,
        member_id=facts.member_id,
        paid_on=facts.paid_on,
        language=facts.language,
        amount_minor=facts.amount.minor,
        currency=facts.amount.currency,
        interval=facts.interval,
        period_start_on=facts.period_start_on,
        period_end_on=facts.period_end_on,
        wording=json.dumps(facts.wording, ensure_ascii=False, sort_keys=True),
        payment_method=facts.payment_method,
        sealed_name=facts.sealed_name,
        created_at=now,
    )
    session.add(receipt)
    session.flush()
    return receipt
