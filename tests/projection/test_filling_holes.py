"""What it costs to find the numbers that a restored database lost: a year's documents are read once."""

from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.receipts.credit_notes import CreditNoteFacts, issue_credit_note
from app.receipts.issuing import issue_receipt
from app.receipts.models import CreditNote, CreditNoteCounter, Receipt, ReceiptCounter
from app.receipts.numbers import FEWEST_AT_ONCE, MOST_AT_ONCE, Numbering, Series, choose_serial
from tests.projection.rows import only, values
from tests.support.reads import Reads, reads_of
from tests.support.records import NOW, add_member, add_payment, receipt_facts

RECEIPTS = Series(document=Receipt, counter=ReceiptCounter, legal_entity="HC", year=2026)
NOTES = Series(document=CreditNote, counter=CreditNoteCounter, legal_entity="HC", year=2026)
BOTH = pytest.mark.parametrize("series", [RECEIPTS, NOTES], ids=["receipts", "credit notes"])
LOST = Numbering(fills_holes=True)
A_YEAR = 2 * MOST_AT_ONCE + 500
"""So many that they are read in pieces of every size."""
FIRST = Numbering(kept="HC-2026-000001")


def begin(session: Session, series: Series) -> None:
    """Give the first document of a series."""
    member_id = add_member(session)
    receipt = issue_receipt(
        session, receipt_facts(add_payment(session, member_id), member_id), numbering=FIRST, now=NOW
    )
    if series is NOTES:
        facts = CreditNoteFacts(
            stripe_refund_id="re_first",
            receipt_id=receipt.id,
            member_id=member_id,
            refunded_on=NOW.date(),
            language="en",
            amount=Money(200, "eur"),
            legal_entity="HC",
            wording={},
            sealed_name=None,
        )
        issue_credit_note(session, facts, now=NOW)


def add(session: Session, series: Series, serials: Iterable[int]) -> None:
    """Add documents like the first one under these numbers; the counter knows nothing of them."""
    first = session.scalars(sa.select(series.document).where(series.document.serial == 1)).one()
    like_it = values(first)
    rows = [{**like_it, "id": new_id(), "serial": one, "number": f"x-{one}"} for one in serials]
    if series is NOTES:
        rows = [{**row, "stripe_refund_id": f"re_{row['serial']}"} for row in rows]
    else:
        rows = [{**row, "payment_id": payment} for row, payment in zip(rows, pay(session, rows), strict=True)]
    if rows:
        session.execute(sa.insert(series.document), rows)


def pay(session: Session, rows: list[dict[str, object]]) -> list[object]:
    """Add a payment for each of these receipts."""
    like_it = values(session.scalars(sa.select(Payment).limit(1)).one())
    payments = [
        {**like_it, "id": new_id(), "stripe_payment_intent_id": f"pi_{row['serial']}"} for row in rows
    ]
    if payments:
        session.execute(sa.insert(Payment), payments)
    return [payment["id"] for payment in payments]


def count_to(session: Session, series: Series, last: int) -> None:
    session.execute(sa.update(series.counter).values(last_serial=last))


def fill(session: Session, series: Series, times: int) -> tuple[list[int], list[Reads]]:
    """Give lost numbers; returns them, and what each cost to choose."""
    given, cost = [], []
    for _ in range(times):
        with reads_of(session) as reads:
            serial = choose_serial(session, series, LOST)
        add(session, series, [serial])
        given.append(serial)
        cost.append(reads)
    return given, cost


@BOTH
def test_a_year_is_read_once_however_many_of_its_numbers_are_lost(session: Session, series: Series) -> None:
    lost = [700, 701, 1500, 2400, A_YEAR]
    begin(session, series)
    add(session, series, sorted({*range(2, A_YEAR)} - {*lost}))
    count_to(session, series, A_YEAR)

    given, cost = fill(session, series, len(lost))

    assert given == lost
    assert sum(one.rows for one in cost) < 3 * A_YEAR
    assert sum(one.statements for one in cost) < 60


@BOTH
def test_what_was_read_is_not_read_again(session: Session, series: Series) -> None:
    begin(session, series)
    add(session, series, range(2, A_YEAR))
    count_to(session, series, A_YEAR + 2)
    fill(session, series, 1)

    given, cost = fill(session, series, 4)

    assert given == [A_YEAR + 1, A_YEAR + 2, A_YEAR + 3, A_YEAR + 4]
    assert all(one.rows <= 3 and one.statements <= 4 for one in cost), cost


@BOTH
def test_a_hole_costs_a_few_rows_however_many_documents_follow_it(session: Session, series: Series) -> None:
    begin(session, series)
    add(session, series, range(3, A_YEAR, 2))
    count_to(session, series, A_YEAR)

    given, cost = fill(session, series, 20)

    assert given == list(range(2, 42, 2))
    assert all(one.rows <= FEWEST_AT_ONCE + 1 and one.statements == 3 for one in cost), cost


@BOTH
@pytest.mark.parametrize(
    "length", [FEWEST_AT_ONCE - 1, FEWEST_AT_ONCE, FEWEST_AT_ONCE + 1, 3 * FEWEST_AT_ONCE]
)
def test_a_hole_is_found_wherever_a_piece_ends(session: Session, series: Series, length: int) -> None:
    begin(session, series)
    add(session, series, [*range(2, length + 1), *range(length + 2, length + 2 + FEWEST_AT_ONCE)])
    count_to(session, series, length + 1 + FEWEST_AT_ONCE)

    assert fill(session, series, 2)[0] == [length + 1, length + 2 + FEWEST_AT_ONCE]


def test_how_far_it_is_whole_is_known_of_each_series_by_itself(session: Session) -> None:
    begin(session, NOTES)
    other = Series(document=Receipt, counter=ReceiptCounter, legal_entity="HC", year=2025)
    count_to(session, RECEIPTS, 3)
    session.add(ReceiptCounter(legal_entity="HC", year=2025, last_serial=2))
    session.flush()

    assert fill(session, RECEIPTS, 3)[0] == [2, 3, 4]
    assert choose_serial(session, other, LOST) == 1
    assert fill(session, NOTES, 1)[0] == [2]
    counters = session.scalars(sa.select(ReceiptCounter)).all()
    assert {one.year: one.whole_up_to for one in counters} == {2025: 1, 2026: 3}
    assert only(session, CreditNoteCounter).whole_up_to == 1


def test_a_number_that_its_document_never_took_is_lost_again(session: Session) -> None:
    """The savepoint of an object that fails takes back how far its series is whole, too."""
    begin(session, RECEIPTS)
    count_to(session, RECEIPTS, 2)
    savepoint = session.begin_nested()
    assert choose_serial(session, RECEIPTS, LOST) == 2
    savepoint.rollback()

    assert fill(session, RECEIPTS, 2)[0] == [2, 3]
