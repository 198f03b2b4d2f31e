"""Numbers without a gap: a counter's row, locked until the transaction ends, whatever dies."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import upsert
from app.receipts.models import CreditNote, CreditNoteCounter, Receipt, ReceiptCounter

Counter = type[ReceiptCounter] | type[CreditNoteCounter]
Document = type[Receipt] | type[CreditNote]
MARKS: dict[Document, str] = {Receipt: "", CreditNote: "CN-"}
"""What stands between the legal entity and the year."""
FEWEST_AT_ONCE = 16
MOST_AT_ONCE = 1024


@dataclass(frozen=True, kw_only=True)
class Series:
    """One run of numbers: of a kind of document, a legal entity and a year."""

    document: Document
    counter: Counter
    legal_entity: str
    year: int


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """How a number is chosen where it need not be the next one.

    Attributes: kept: the number that Stripe keeps for the document, given before a database was restored;
        fills_holes: whether others, lost likewise, are given again before the next one.
    """

    kept: str | None = None
    fills_holes: bool = False


NEXT = Numbering()


def choose_serial(session: Session, series: Series, numbering: Numbering) -> int:
    """Return the number for a new document: the one it had, a lost one of its series, or the next.

    What Stripe keeps is taken only where it is a number of this series that nothing else has.
    """
    kept = _kept_serial(series, numbering.kept)
    if kept and not _is_given(session, series, kept):
        _raise_to(session, series, kept)
        return kept
    if numbering.fills_holes:
        hole = _first_hole(session, series)
        if hole:
            return hole
    return next_serial(session, series.counter, legal_entity=series.legal_entity, year=series.year)


def _kept_serial(series: Series, number: str | None) -> int | None:
    """Read `HC-2026-000123`, or `HC-CN-2026-000123` of a credit note, if it is of this series."""
    beginning = f"{series.legal_entity}-{MARKS[series.document]}{series.year}-"
    text = (number or "").removeprefix(beginning)
    return int(text) if text != number and text.isascii() and text.isdigit() and len(text) < 10 else None


def _is_given(session: Session, series: Series, serial: int) -> bool:
    return session.scalar(_given(series).where(series.document.serial == serial).limit(1)) is not None


def _given(series: Series) -> sa.Select[int]:
    document = series.document
    return sa.select(document.serial).where(
        document.legal_entity == series.legal_entity, document.year == series.year
    )


def _raise_to(session: Session, series: Series, serial: int) -> None:
    """See that the counter is not below a number that was given."""
    counter = series.counter
    first = upsert(session, counter).values(
        legal_entity=series.legal_entity, year=series.year, last_serial=serial
    )
    higher = sa.case((counter.last_serial < serial, serial), else_=counter.last_serial)
    session.execute(
        first.on_conflict_do_update(
            index_elements=[counter.legal_entity, counter.year], set_={"last_serial": higher}
        )
    )


def _first_hole(session: Session, series: Series) -> int | None:
    """Return the lowest number under the counter's that no document has; it counts as given from now on.

    The counter's row is locked first, and remembers how far it was read: no run of numbers is read twice.
    """
    counter = series.counter
    row = sa.and_(counter.legal_entity == series.legal_entity, counter.year == series.year)
    reached = sa.select(counter.last_serial, counter.whole_up_to).where(row).with_for_update()
    found = session.execute(reached).first()
    if found is None:
        return None
    last, whole = found
    whole = _end_of_run(session, series, after=whole)
    hole = whole + 1 if whole < last else None
    session.execute(sa.update(counter).where(row).values(whole_up_to=hole or whole))
    return hole


def _end_of_run(session: Session, series: Series, *, after: int) -> int:
    """Return the last number of those that were given one after another from here.

    Holes mostly lie close together, so the pieces that are read begin small and grow.
    """
    later = _given(series).order_by(series.document.serial)
    size = FEWEST_AT_ONCE
    while True:
        piece = session.scalars(later.where(series.document.serial > after).limit(size)).all()
        for serial in piece:
            if serial != after + 1:
                return after
            after = serial
        if len(piece) < size:
            return after
        size = min(2 * size, MOST_AT_ONCE)


def number_of(series: Series, serial: int) -> str:
    """Return a number as it is printed: `HC-2026-000123`, `HC-CN-2026-000123`."""
    return f"{series.legal_entity}-{MARKS[series.document]}{series.year}-{serial:06d}"


def next_serial(session: Session, counter: Counter, *, legal_entity: str, year: int) -> int:
    """Return the next number of a legal entity's year; it is given back if the transaction fails."""
    first = upsert(session, counter).values(legal_entity=legal_entity, year=year, last_serial=1)
    raised = first.on_conflict_do_update(
        index_elements=[counter.legal_entity, counter.year], set_={"last_serial": counter.last_serial + 1}
    )
    return session.execute(raised.returning(counter.last_serial)).scalar_one()
