"""Which number a document is given: the next, the one Stripe keeps for it, or one lost from its series."""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.receipts.issuing import issue_receipt
from app.receipts.models import ReceiptCounter
from app.receipts.numbers import Numbering
from tests.projection.rows import only
from tests.support.records import NOW, add_member, add_payment, receipt_facts

LOST = Numbering(fills_holes=True)


def kept(number: str | None, *, fills_holes: bool = False) -> Numbering:
    return Numbering(kept=number, fills_holes=fills_holes)


def give(session: Session, numbering: Numbering = LOST, **facts: Any) -> str:
    """Issue a receipt of a new payment; returns its number."""
    member_id = add_member(session)
    made = receipt_facts(add_payment(session, member_id), member_id, **facts)
    return issue_receipt(session, made, numbering=numbering, now=NOW).number


def give_all(session: Session, numbers: Iterable[str]) -> None:
    """Issue receipts that Stripe keeps these numbers for."""
    for number in numbers:
        entity, year, _ = number.split("-")
        assert give(session, kept(number), legal_entity=entity, year=int(year)) == number


def test_a_number_that_is_kept_is_given_again_and_counted_from(session: Session) -> None:
    assert give(session, kept("HC-2026-000007")) == "HC-2026-000007"
    assert give(session, Numbering()) == "HC-2026-000008"


def test_a_kept_number_below_the_count_leaves_the_count_alone(session: Session) -> None:
    give_all(session, ["HC-2026-000007", "HC-2026-000002"])

    assert only(session, ReceiptCounter).last_serial == 7
    assert give(session, Numbering()) == "HC-2026-000008"


def test_a_kept_number_above_the_count_raises_it(session: Session) -> None:
    give_all(session, ["HC-2026-000002", "HC-2026-000007"])

    assert only(session, ReceiptCounter).last_serial == 7


def test_a_number_that_somebody_else_has_is_not_given_twice(session: Session) -> None:
    give_all(session, ["HC-2026-000001"])

    assert give(session, kept("HC-2026-000001")) == "HC-2026-000002"


def test_the_same_number_of_another_entity_or_year_is_another_number(session: Session) -> None:
    give_all(session, ["HC-2026-000005", "AB-2026-000005", "HC-2025-000005"])


@pytest.mark.parametrize(
    "number",
    [
        "AB-2026-000005",
        "HC-2025-000005",
        "HC-CN-2026-000005",
        "HC-2026-",
        "HC-2026-5a",
        "HC-2026-\N{ARABIC-INDIC DIGIT FIVE}",
        "HC-2026-0000000005",
        "HC-2026-000000",
        "000005",
        "",
        None,
    ],
)
def test_what_is_no_number_of_the_series_is_not_taken(session: Session, number: str | None) -> None:
    assert give(session, kept(number)) == "HC-2026-000001"


def test_the_longest_number_that_is_taken_has_nine_digits(session: Session) -> None:
    assert give(session, kept("HC-2026-000000005")) == "HC-2026-000005"


def test_lost_numbers_are_filled_from_the_lowest_and_then_it_is_counted_on(session: Session) -> None:
    give_all(session, ["HC-2026-000002", "HC-2026-000004"])

    filled = [give(session) for _ in range(3)]
    assert filled == ["HC-2026-000001", "HC-2026-000003", "HC-2026-000005"]


def test_a_lost_number_is_one_that_was_counted(session: Session) -> None:
    assert give(session) == "HC-2026-000001"
    assert give(session) == "HC-2026-000002"


def test_the_last_number_counted_may_be_the_lost_one(session: Session) -> None:
    give_all(session, ["HC-2026-000001"])
    only(session, ReceiptCounter).last_serial = 2
    session.flush()

    assert give(session) == "HC-2026-000002"
    assert give(session) == "HC-2026-000003"


def test_holes_are_of_one_entity_and_one_year(session: Session) -> None:
    give_all(session, ["AB-2026-000003", "HC-2025-000003", "HC-2026-000001", "HC-2026-000002"])

    assert [give(session) for _ in range(2)] == ["HC-2026-000003", "HC-2026-000004"]


def test_what_others_were_given_fills_no_hole_of_this_series(session: Session) -> None:
    give_all(session, ["HC-2026-000003", "AB-2026-000001", "HC-2025-000002"])

    assert [give(session) for _ in range(2)] == ["HC-2026-000001", "HC-2026-000002"]


def test_nothing_is_filled_unless_a_restored_database_catches_up(session: Session) -> None:
    give_all(session, ["HC-2026-000003"])

    assert give(session, Numbering()) == "HC-2026-000004"


def test_a_kept_number_goes_before_a_hole(session: Session) -> None:
    give_all(session, ["HC-2026-000003"])

    assert give(session, kept("HC-2026-000002", fills_holes=True)) == "HC-2026-000002"
