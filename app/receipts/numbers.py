"""Numbers without a gap: a counter's row, locked until the transaction ends, whatever dies."""

from sqlalchemy.orm import Session

from app.db import upsert
from app.receipts.models import CreditNoteCounter, ReceiptCounter

Counter = type[ReceiptCounter] | type[CreditNoteCounter]


def next_serial(session: Session, counter: Counter, *, legal_entity: str, year: int) -> int:
    """Return the next number of a legal entity's year; it is given back if the transaction fails."""
    first = upsert(session, counter).values(legal_entity=legal_entity, year=year, last_serial=1)
    raised = first.on_conflict_do_update(
        index_elements=[counter.legal_entity, counter.year], set_={"last_serial": counter.last_serial + 1}
    )
    return session.execute(raised.returning(counter.last_serial)).scalar_one()
