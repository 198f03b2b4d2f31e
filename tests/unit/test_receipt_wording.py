"""What a receipt says of the payment: what it was for and by what means it came, in two languages."""

import json
from datetime import date

import pytest

from app.kernel.intervals import Interval
from app.receipts.models import Receipt
from app.receipts.wording import method_in_words, purpose, purpose_of

START, END = date(2026, 11, 3), date(2026, 12, 2)


@pytest.mark.parametrize(
    ("interval", "language", "words"),
    [
        (Interval.month, "en", "Monthly support, 3 November 2026 to 2 December 2026"),
        (Interval.year, "en", "Yearly support, 3 November 2026 to 2 December 2026"),
        (Interval.month, "ru", "Ежемесячная поддержка, с 3 ноября 2026 г. по 2 декабря 2026 г."),
    ],
)
def test_support_is_named_by_its_interval_and_period(interval: Interval, language: str, words: str) -> None:
    assert purpose(interval, START, END, language).replace("\u202f", " ") == words


@pytest.mark.parametrize(
    ("interval", "start", "end"),
    [
        (Interval.once, START, END),
        (Interval.month, None, END),
        (Interval.year, START, None),
        (Interval.once, None, None),
    ],
)
def test_what_has_no_period_is_a_single_gift(
    interval: Interval, start: date | None, end: date | None
) -> None:
    assert purpose(interval, start, end, "en") == "One-off gift"
    assert purpose(interval, start, end, "ru") == "Разовый взнос"


@pytest.mark.parametrize(
    ("fees", "words"),
    [
        ({}, "Monthly support, 3 November 2026 to 2 December 2026"),
        ({"fees_minor": 0}, "Monthly support, 3 November 2026 to 2 December 2026"),
        (
            {"fees_minor": 1},
            "Monthly support, 3 November 2026 to 2 December 2026; €0.01 of it covers the payment fees",
        ),
    ],
)
def test_what_covers_the_fees_is_said_of_the_support(fees: dict[str, int], words: str) -> None:
    receipt = Receipt(
        interval=Interval.month,
        period_start_on=START,
        period_end_on=END,
        currency="eur",
        wording=json.dumps(fees),
    )

    assert purpose_of(receipt, "en") == words


def test_what_covers_the_fees_is_said_in_the_language_of_the_receipt() -> None:
    receipt = Receipt(
        interval=Interval.once, period_start_on=None, currency="eur", wording=json.dumps({"fees_minor": 33})
    )

    words = purpose_of(receipt, "ru").replace("\u00a0", " ")
    assert words == "Разовый взнос; из них 0,33 € покрывают комиссию за платёж"


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("visa 4242", "Visa ending 4242"),
        ("amex 0005", "American Express ending 0005"),
        ("sepa_debit 3000", "SEPA ending 3000"),
        ("link", "Link"),
        ("paypal", "PayPal"),
        ("diners 0004", "Diners Club ending 0004"),
        ("eftpos_australia 1234", "Eftpos australia ending 1234"),
        ("us_bank_account", "Us bank account"),
    ],
)
def test_means_of_payment_are_called_as_people_know_them(method: str, words: str) -> None:
    assert method_in_words(method, "en") == words


def test_means_of_payment_are_told_in_the_language_of_the_receipt() -> None:
    assert method_in_words("visa 4242", "ru") == "Visa, последние цифры 4242"


@pytest.mark.parametrize("method", [None, ""])
def test_unknown_means_of_payment_are_left_out(method: str | None) -> None:
    assert method_in_words(method, "en") is None
