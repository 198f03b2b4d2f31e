"""What a yearly statement adds up, from receipts and what became of them; and how documents are found."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.receipts.credit_notes import CreditNoteFacts, issue_credit_note
from app.receipts.issuing import issue_receipt
from app.receipts.models import NoteKind, Receipt
from app.receipts.notes import add_note
from app.receipts.numbers import Numbering
from app.receipts.queries import (
    find_member_id,
    find_receipt_of,
    list_credit_notes,
    list_notes,
    list_receipts,
    list_receipts_of,
)
from app.receipts.statements import YearlyGift, YearlyTotal, list_gifts, list_years, totals
from tests.support.records import NOW, add_member, add_payment, receipt_facts

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def give(session: Session, member_id: UUID, on: date, *, number: str | None = None) -> Receipt:
    """Give a receipt of a payment made that day, under a number that Stripe kept if there is one."""
    facts = receipt_facts(add_payment(session, member_id), member_id, year=on.year)
    of_the_day = replace(facts, paid_on=on)
    return issue_receipt(session, of_the_day, numbering=Numbering(kept=number), now=NOW)


def give_back(
    session: Session, receipt: Receipt, minor: int, on: date = LAST, number: str | None = None
) -> str:
    """Answer a receipt by a credit note; returns its number."""
    facts = CreditNoteFacts(
        stripe_refund_id=f"re_{new_id().hex}",
        receipt_id=receipt.id,
        member_id=receipt.member_id,
        refunded_on=on,
        language="en",
        amount=Money(minor, receipt.currency),
        legal_entity="HC",
        wording={},
        sealed_name=None,
    )
    note = issue_credit_note(session, facts, numbering=Numbering(kept=number), now=NOW)
    assert note
    return note.number


def remark(session: Session, receipt: Receipt, kind: NoteKind, minor: int, on: date = LAST) -> None:
    about: dict[str, Any] = {"receipt_id": receipt.id, "stripe_object_id": f"dp_{new_id().hex}"}
    add_note(session, kind, noted_on=on, amount=Money(minor, receipt.currency), now=NOW, **about)


def backs(session: Session, member_id: UUID) -> list[int]:
    return [gift.back.minor for gift in list_gifts(session, [member_id], FIRST, LAST)]


def test_a_year_holds_its_members_gifts_from_its_first_day_to_its_last_in_order(session: Session) -> None:
    member_id, other_id = add_member(session), add_member(session)
    on = [date(2025, 12, 31), LAST, FIRST, date(2026, 5, 1), date(2026, 5, 1), date(2027, 1, 1)]
    for day in on:
        give(session, member_id, day)
    give(session, member_id, date(2026, 5, 1), number="HC-2026-000009")
    give(session, member_id, date(2026, 5, 1), number="HC-2026-000008")
    give(session, other_id, FIRST)

    gifts = list_gifts(session, [member_id], FIRST, LAST)
    assert [(gift.paid_on, gift.number) for gift in gifts] == [
        (FIRST, "HC-2026-000002"),
        (date(2026, 5, 1), "HC-2026-000003"),
        (date(2026, 5, 1), "HC-2026-000004"),
        (date(2026, 5, 1), "HC-2026-000008"),
        (date(2026, 5, 1), "HC-2026-000009"),
        (LAST, "HC-2026-000001"),
    ]


def test_a_gift_is_told_with_its_period_and_what_is_left_of_it(session: Session) -> None:
    member_id = add_member(session)
    give_back(session, give(session, member_id, FIRST), 50)

    (gift,) = list_gifts(session, [member_id], FIRST, LAST)
    assert gift == YearlyGift(
        number="HC-2026-000001",
        paid_on=FIRST,
        interval=Interval.month,
        period_start_on=date(2026, 11, 3),
        period_end_on=date(2026, 12, 2),
        given=Money(200, "eur"),
        back=Money(50, "eur"),
    )
    assert gift.kept == Money(150, "eur")


def test_all_that_went_back_of_a_gift_is_taken_off_that_gift_alone(session: Session) -> None:
    member_id = add_member(session)
    first, second = give(session, member_id, FIRST), give(session, member_id, LAST)
    for receipt, minor in ((first, 50), (first, 30), (second, 20)):
        give_back(session, receipt, minor)

    assert backs(session, member_id) == [80, 20]


@pytest.mark.parametrize(
    ("remarks", "back"),
    [
        ([], 0),
        ([NoteKind.disputed], 120),
        ([NoteKind.debit_returned], 120),
        ([NoteKind.disputed, NoteKind.dispute_won], 0),
        ([NoteKind.disputed, NoteKind.dispute_lost], 120),
        ([NoteKind.dispute_won], 0),
        ([NoteKind.disputed, NoteKind.debit_returned], 200),
    ],
)
def test_what_a_bank_took_is_off_until_it_returns_and_never_more_than_was_given(
    session: Session, remarks: list[NoteKind], back: int
) -> None:
    member_id = add_member(session)
    receipt = give(session, member_id, FIRST)
    for kind in remarks:
        remark(session, receipt, kind, 120)

    assert backs(session, member_id) == [back]


def test_a_refund_that_failed_took_nothing(session: Session) -> None:
    member_id = add_member(session)
    receipt = give(session, member_id, FIRST)
    give_back(session, receipt, 70)
    remark(session, receipt, NoteKind.refund_failed, 70)

    assert backs(session, member_id) == [0]


def test_the_years_of_a_member_are_told_once_each_the_newest_first(session: Session) -> None:
    member_id, other_id = add_member(session), add_member(session)
    for day in (date(2025, 3, 31), date(2026, 4, 1), date(2026, 5, 1), date(2025, 12, 1)):
        give(session, member_id, day)
    give(session, other_id, date(2020, 1, 1))

    assert list_years(session, [member_id], first_month=1) == [2026, 2025]
    assert list_years(session, [member_id], first_month=4) == [2026, 2025, 2024]
    assert list_years(session, [new_id()], first_month=1) == []


def gift(minor: int, back: int, currency: str) -> YearlyGift:
    return YearlyGift(
        number="HC-2026-000001",
        paid_on=FIRST,
        interval=Interval.once,
        period_start_on=None,
        period_end_on=None,
        given=Money(minor, currency),
        back=Money(back, currency),
    )


def test_each_currency_is_summed_by_itself_the_one_given_most_often_first() -> None:
    gifts = [gift(100, 10, "eur"), gift(5, 5, "jpy"), gift(200, 0, "usd"), gift(300, 20, "usd")]

    summed = totals(gifts)
    assert summed == [
        YearlyTotal(given=Money(500, "usd"), back=Money(20, "usd")),
        YearlyTotal(given=Money(100, "eur"), back=Money(10, "eur")),
        YearlyTotal(given=Money(5, "jpy"), back=Money(5, "jpy")),
    ]
    assert [total.kept.minor for total in summed] == [480, 90, 0]
    assert totals([]) == []


def test_a_member_has_their_own_receipts_the_newest_first(session: Session) -> None:
    member_id, other_id = add_member(session), add_member(session)
    for day in (FIRST, LAST, FIRST):
        give(session, member_id, day)
    give(session, other_id, FIRST)

    assert [one.serial for one in list_receipts(session, [member_id])] == [2, 3, 1]


def test_a_number_leads_to_whom_it_was_given(session: Session) -> None:
    ada, ben = add_member(session), add_member(session)
    give(session, ada, FIRST)
    answered = give_back(session, give(session, ben, FIRST), 10)

    assert find_member_id(session, "HC-2026-000001") == ada
    assert find_member_id(session, answered) == ben
    assert find_member_id(session, "HC-2026-000009") is None


def test_payments_lead_to_their_receipts_and_no_others(session: Session) -> None:
    member_id = add_member(session)
    receipts = [give(session, member_id, FIRST) for _ in range(3)]

    found = list_receipts_of(session, [receipts[0].payment_id, receipts[2].payment_id, new_id()])
    assert {one.serial for one in found} == {1, 3}
    assert list_receipts_of(session, []) == []


def test_a_payment_leads_to_its_receipt(session: Session) -> None:
    member_id = add_member(session)
    first, second = give(session, member_id, FIRST), give(session, member_id, FIRST)

    assert find_receipt_of(session, first.payment_id) is first
    assert find_receipt_of(session, second.payment_id) is second
    assert find_receipt_of(session, new_id()) is None


def test_what_answers_receipts_is_told_the_oldest_first_and_of_these_receipts_alone(session: Session) -> None:
    member_id = add_member(session)
    one, other = give(session, member_id, FIRST), give(session, member_id, FIRST)
    numbers = [
        give_back(session, one, 1, on=LAST),
        give_back(session, one, 1, on=FIRST, number="HC-CN-2026-000009"),
        give_back(session, one, 1, on=FIRST, number="HC-CN-2026-000008"),
    ]
    give_back(session, other, 1)
    remark(session, one, NoteKind.disputed, 5, on=LAST)
    remark(session, one, NoteKind.debit_returned, 5, on=FIRST)
    remark(session, other, NoteKind.disputed, 5)

    notes = list_credit_notes(session, [one.id])
    assert [note.number for note in notes] == [numbers[2], numbers[1], numbers[0]]
    told = [note.kind for note in list_notes(session, [one.id])]
    assert told == [NoteKind.debit_returned, NoteKind.disputed]
