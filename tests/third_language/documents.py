"""Receipts, credit notes and statements in the third language; run in the copy that speaks it."""

import re
from dataclasses import asdict, replace
from datetime import date

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.receipts.credit_note_pdf import render_credit_note
from app.receipts.labels import credit_note_labels, receipt_labels
from app.receipts.pdf import render_receipt
from app.receipts.statement_labels import statement_labels
from app.receipts.statement_pdf import StatementDocument, render_statement
from app.receipts.statements import YearlyGift, totals
from tests.support.pdf import text_of
from tests.third_language.copying import BEGIN, END, LANGUAGE
from tests.unit.test_credit_note_pdf import aftermath, credit_note
from tests.unit.test_receipt_pdf import ENGLISH

RECEIPT = replace(ENGLISH, language=LANGUAGE, aftermath=aftermath(LANGUAGE))
GIFT = YearlyGift(
    paid_on=date(2026, 11, 1),
    number="HC-2026-000123",
    interval=Interval.once,
    period_start_on=None,
    period_end_on=None,
    given=Money(500, "eur"),
    back=Money(200, "eur"),
)
STATEMENT = StatementDocument(
    language=LANGUAGE,
    entity_name=RECEIPT.entity_name,
    entity_address=RECEIPT.entity_address,
    entity_registration=RECEIPT.entity_registration,
    newsroom_name=RECEIPT.newsroom_name,
    supporter_name=RECEIPT.supporter_name,
    supporter_code=RECEIPT.supporter_code,
    year="2026",
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    drawn_up_on=date(2027, 1, 2),
    gifts=[GIFT],
    totals=totals([GIFT]),
    tax_wording="",
)


def test_a_receipt_and_what_became_of_it() -> None:
    assert unmarked(asdict(receipt_labels("en")), render_receipt(RECEIPT)) == []


def test_a_credit_note() -> None:
    theirs = asdict(credit_note_labels("en"))
    without_aftermath = {
        name: words for name, words in theirs.items() if name not in {"aftermath", "event", "day"}
    }

    assert unmarked(without_aftermath, render_credit_note(credit_note(RECEIPT))) == []


def test_a_statement() -> None:
    assert unmarked(asdict(statement_labels("en")), render_statement(STATEMENT)) == []


def unmarked(labels: dict[str, str], pdf: bytes) -> list[str]:
    """Return the words of ours that a document says in English; from right to left, marks turn round."""
    text = text_of(pdf).replace(END, BEGIN)
    rest = re.sub(f"{BEGIN}[^{BEGIN}]*{BEGIN}", " ", text)
    assert rest.count(BEGIN) == 0
    words = [one.partition("{")[0].strip() for one in labels.values()]
    assert [one for one in words if one not in text] == []
    return [one for one in words if one and re.search(rf"\b{re.escape(one)}\b", rest)]
