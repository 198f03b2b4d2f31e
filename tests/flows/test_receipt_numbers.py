"""Receipts are numbered without a gap, once for each payment, and never changed."""

import random
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.db import Sessions, reading, transaction
from app.receipts.issuing import issue_receipt
from app.receipts.models import Receipt, ReceiptCounter
from app.receipts.numbers import NEXT, Numbering
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW, add_member, add_payment, receipt_facts

THREADS = 8


class Crash(Exception):
    """The transaction is rolled back after the number was taken."""


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


@pytest.fixture
def ada(sessions: Sessions) -> UUID:
    with transaction(sessions) as session:
        return add_member(session)


def issue(
    sessions: Sessions,
    member_id: UUID,
    payment_id: UUID,
    *,
    crash: bool = False,
    numbering: Numbering = NEXT,
    **facts: object,
) -> str:
    with transaction(sessions) as session:
        made = receipt_facts(payment_id, member_id, **facts)  # type: ignore[arg-type]  # the facts' own names
        receipt = issue_receipt(session, made, numbering=numbering, now=NOW)
        if crash:
            raise Crash
        return receipt.number


def pay(sessions: Sessions, member_id: UUID) -> UUID:
    with transaction(sessions) as session:
        return add_payment(session, member_id)


def serials(sessions: Sessions) -> list[int]:
    with reading(sessions) as session:
        return list(session.scalars(sa.select(Receipt.serial).order_by(Receipt.serial)))


def test_numbers_follow_each_other_from_one(sessions: Sessions, ada: UUID) -> None:
    numbers = [issue(sessions, ada, pay(sessions, ada)) for _ in range(3)]

    assert numbers == ["HC-2026-000001", "HC-2026-000002", "HC-2026-000003"]


def test_each_legal_entity_and_each_year_counts_by_itself(sessions: Sessions, ada: UUID) -> None:
    issue(sessions, ada, pay(sessions, ada))

    numbers = [
        issue(sessions, ada, pay(sessions, ada), year=2027),
        issue(sessions, ada, pay(sessions, ada), legal_entity="HCUK"),
        issue(sessions, ada, pay(sessions, ada)),
    ]

    assert numbers == ["HC-2027-000001", "HCUK-2026-000001", "HC-2026-000002"]


def test_a_payment_has_one_receipt_however_often_it_is_asked_for(sessions: Sessions, ada: UUID) -> None:
    payment_id = pay(sessions, ada)

    numbers = {issue(sessions, ada, payment_id) for _ in range(3)}

    assert numbers == {"HC-2026-000001"}
    assert serials(sessions) == [1]


def test_a_number_taken_by_a_transaction_that_failed_is_given_out_again(
    sessions: Sessions, ada: UUID
) -> None:
    with pytest.raises(Crash):
        issue(sessions, ada, pay(sessions, ada), crash=True)

    assert issue(sessions, ada, pay(sessions, ada)) == "HC-2026-000001"


def test_many_writers_who_fail_at_random_leave_no_gap_and_no_double(sessions: Sessions, ada: UUID) -> None:
    payments = [[pay(sessions, ada) for _ in range(12)] for _ in range(THREADS)]

    def write(thread: int) -> int:
        chance, issued = random.Random(thread), 0
        for payment_id in payments[thread]:
            try:
                issue(sessions, ada, payment_id, crash=chance.random() < 0.4)
                issued += 1
            except Crash:
                continue
        return issued

    issued = sum(all_at_once(THREADS, write))

    assert 0 < issued < THREADS * 12
    assert serials(sessions) == list(range(1, issued + 1))
    with reading(sessions) as session:
        assert session.scalars(sa.select(ReceiptCounter.last_serial)).one() == issued


def test_many_writers_fill_the_holes_of_a_restored_database_and_count_on(
    sessions: Sessions, ada: UUID
) -> None:
    payments = [[pay(sessions, ada) for _ in range(8)] for _ in range(THREADS)]
    for serial in (20, 21, 30):
        issue(sessions, ada, pay(sessions, ada), numbering=Numbering(kept=f"HC-2026-{serial:06d}"))

    def write(thread: int) -> None:
        chance = random.Random(thread)
        for payment_id in payments[thread]:
            crash = chance.random() < 0.3
            for crashes in (True, False) if crash else (False,):
                with suppress(Crash):
                    issue(sessions, ada, payment_id, crash=crashes, numbering=Numbering(fills_holes=True))

    all_at_once(THREADS, write)

    assert serials(sessions) == list(range(1, THREADS * 8 + 4))


def test_two_who_acknowledge_one_payment_at_once_leave_one_receipt_and_no_gap(
    sessions: Sessions, ada: UUID
) -> None:
    payment_id = pay(sessions, ada)

    def acknowledge(_thread: int) -> str | None:
        try:
            return issue(sessions, ada, payment_id)
        except sa.exc.IntegrityError:
            return None  # rolled back with the number it took

    numbers = {number for number in all_at_once(THREADS, acknowledge) if number}

    assert numbers == {"HC-2026-000001"}
    assert issue(sessions, ada, pay(sessions, ada)) == "HC-2026-000002"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE receipts SET amount_minor = 1",
        "UPDATE receipts SET sealed_name = NULL",
        "DELETE FROM receipts",
    ],
)
def test_a_receipt_once_given_stands(sessions: Sessions, ada: UUID, change: str) -> None:
    issue(sessions, ada, pay(sessions, ada))

    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), transaction(sessions) as session:
        session.execute(sa.text(change))

    assert serials(sessions) == [1]


def test_postgresql_refuses_to_empty_the_receipts(sessions: Sessions, ada: UUID) -> None:
    issue(sessions, ada, pay(sessions, ada))
    with reading(sessions) as session:
        if session.get_bind().dialect.name == "sqlite":
            return  # has no TRUNCATE

    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), transaction(sessions) as session:
        session.execute(sa.text("TRUNCATE receipts CASCADE"))

    assert serials(sessions) == [1]


def test_a_member_or_payment_with_a_receipt_is_not_deleted(sessions: Sessions, ada: UUID) -> None:
    issue(sessions, ada, pay(sessions, ada))

    for table in ("members", "billing_payments"):
        with pytest.raises(sa.exc.IntegrityError), transaction(sessions) as session:
            session.execute(sa.text(f"DELETE FROM {table}"))
