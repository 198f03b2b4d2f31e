"""Credit notes as PDF, and receipts that tell what became of their payment."""

from dataclasses import replace
from datetime import date

import pytest

from app.receipts.credit_note_pdf import CreditNoteDocument, render_credit_note
from app.receipts.labels import became, given_back
from app.receipts.models import NoteKind
from app.receipts.pdf import Aftermath, ReceiptDocument, render_receipt
from tests.unit.test_receipt_pdf import ENGLISH, RUSSIAN, metadata_of, pages_of, root_of, tags_of, text_of


def credit_note(receipt: ReceiptDocument) -> CreditNoteDocument:
    """What answers a refund of five of this receipt."""
    return CreditNoteDocument(
        number="HC-CN-2026-000004",
        issued_on=date(2026, 11, 6),
        language=receipt.language,
        entity_name=receipt.entity_name,
        entity_address=receipt.entity_address,
        entity_registration=receipt.entity_registration,
        newsroom_name=receipt.newsroom_name,
        supporter_name=receipt.supporter_name,
        supporter_code=receipt.supporter_code,
        amount_minor=500,
        currency="eur",
        purpose=receipt.purpose,
        refunded_on=date(2026, 11, 5),
        receipt_number=receipt.number,
        paid_on=receipt.paid_on,
        refund_reference="0199c1f4-aaaa",
    )


def aftermath(language: str) -> tuple[Aftermath, ...]:
    """All that can become of a payment, at once."""
    words = [given_back(language, number="HC-CN-2026-000004"), *(became(language, kind) for kind in NoteKind)]
    return tuple(
        Aftermath(words=said, on=date(2026, 11, 5), amount_minor=500, currency="eur") for said in words
    )


def test_an_english_credit_note_prints_everything() -> None:
    text = text_of(render_credit_note(credit_note(ENGLISH)))

    for words in (
        "Credit note",
        "HC-CN-2026-000004",
        "Issued on 6 November 2026",
        "€5.00",
        "Five euros",
        "Monthly support, 1 November to 30 November 2026",
        "Given back on",
        "5 November 2026",
        "Given back to",
        "Ada Lovelace",
        "Supporter K7QM-3F2P",
        "Answers receipt",
        "HC-2026-000123",
        "0199c1f4-aaaa",
        "Issued by Harbour Courier Foundation gGmbH",
        "This credit note belongs to receipt HC-2026-000123 of 1 November 2026.",
        "Page 1 of 1",
    ):
        assert words in text


def test_a_russian_credit_note_prints_everything_in_russian() -> None:
    text = text_of(render_credit_note(credit_note(RUSSIAN)))

    for words in (
        "Кредит-нота",
        "HC-CN-2026-000004",
        "Выдана 6 ноября 2026 г.",
        "5,00 €",
        "Пять евро",
        "Дата возврата",
        "Кому возвращено",
        "Анна Ковалёва-Щедрина",
        "К квитанции № HC-2026-000123 от 1 ноября 2026 г. выдана эта кредит-нота.",
        "Страница 1 из 1",
    ):
        assert words in text


def test_a_receipt_tells_all_that_became_of_its_payment_below_what_it_said_before() -> None:
    before, after = (
        text_of(render_receipt(replace(ENGLISH, aftermath=told))) for told in ((), aftermath("en"))
    )

    said = after.partition("What became of this payment")[2]
    assert "What became" not in before
    for words in (
        "credit note HC-CN-2026-000004",
        *(became("en", kind) for kind in NoteKind),
        "5 November 2026",
        "€5.00",
    ):
        assert words in said
    assert before.partition("Issued by")[0].strip() in after


@pytest.mark.parametrize("document", [ENGLISH, RUSSIAN])
def test_what_became_of_a_payment_keeps_to_the_page_for_two_notes(document: ReceiptDocument) -> None:
    told = aftermath(document.language)[:2]

    assert pages_of(render_receipt(replace(document, aftermath=told))) == 1


@pytest.mark.parametrize(
    ("document", "title", "headings", "tables"),
    [
        (credit_note(ENGLISH), "Credit note HC-CN-2026-000004", 2, 2),
        (credit_note(RUSSIAN), "Кредит-нота № HC-CN-2026-000004", 2, 2),
        (replace(ENGLISH, aftermath=aftermath("en")), "Receipt HC-2026-000123", 3, 3),
        (replace(RUSSIAN, aftermath=aftermath("ru")), "Квитанция № HC-2026-000123", 3, 3),
    ],
)
def test_these_files_declare_pdf_a_2a_and_pdf_ua_1_and_are_tagged(
    document: ReceiptDocument | CreditNoteDocument, title: str, headings: int, tables: int
) -> None:
    pdf = render_receipt(document) if isinstance(document, ReceiptDocument) else render_credit_note(document)
    metadata, tags = metadata_of(pdf), tags_of(pdf)

    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert f">{title}<" in metadata
    assert root_of(pdf)["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert "Lovelace" not in metadata
    assert tags.count("/H1") == 1
    assert tags.count("/H2") == headings
    assert tags.count("/Table") == tables
    assert tags.count("/TH") == 3 * tables


def test_the_same_credit_note_gives_the_same_bytes_and_another_differs() -> None:
    document = credit_note(ENGLISH)

    assert render_credit_note(document) == render_credit_note(replace(document))
    assert render_credit_note(document) != render_credit_note(replace(document, amount_minor=501))


def test_a_credit_note_whose_person_is_nobody_bears_the_code_alone() -> None:
    text = text_of(render_credit_note(replace(credit_note(ENGLISH), supporter_name=None)))

    assert "Ada" not in text
    assert "Supporter K7QM-3F2P" in text


def test_a_language_without_labels_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'de'"):
        render_credit_note(replace(credit_note(ENGLISH), language="de"))
