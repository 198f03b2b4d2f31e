"""Money and dates as people read them."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.currencies import step_minor
from app.kernel.formatting import format_day, format_money, format_money_exactly
from app.kernel.money import Money, parse_money

NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"


@pytest.mark.parametrize(
    ("money", "language", "shown"),
    [
        (Money(200, "eur"), "en", "€2"),
        (Money(250, "eur"), "en", "€2.50"),
        (Money(123_456, "usd"), "en", "$1,234.56"),
        (Money(300, "jpy"), "en", "¥300"),
        (Money(500, "kwd"), "en", f"KWD{NO_BREAK}0.500"),
        (Money(250, "eur"), "ru", f"2,50{NO_BREAK}€"),
        (Money(123_400, "eur"), "ru", f"1{NO_BREAK}234{NO_BREAK}€"),
    ],
)
def test_an_amount_has_decimals_only_where_there_are_any(money: Money, language: str, shown: str) -> None:
    assert format_money(money, language) == shown


@pytest.mark.parametrize(
    ("money", "shown"),
    [(Money(200, "eur"), "€2.00"), (Money(300, "jpy"), "¥300"), (Money(2000, "kwd"), f"KWD{NO_BREAK}2.000")],
)
def test_books_and_receipts_print_every_decimal(money: Money, shown: str) -> None:
    assert format_money_exactly(money, "en") == shown


def test_each_amount_of_a_history_is_printed_in_its_own_currency() -> None:
    history = [Money(500, "eur"), Money(500, "jpy"), Money(500, "kwd")]

    shown = [format_money_exactly(money, "en") for money in history]

    assert shown == ["€5.00", "¥500", f"KWD{NO_BREAK}0.500"]


@given(
    st.sampled_from(
        [("eur", "en"), ("usd", "en"), ("jpy", "en"), ("kwd", "en"), ("eur", "ru"), ("jpy", "ru")]
    ),
    st.integers(0, 10**8),
)
def test_what_is_printed_is_read_back_as_the_same_amount(said: tuple[str, str], steps: int) -> None:
    currency, language = said
    money = Money(steps * step_minor(currency), currency)

    number = re.sub(r"[^\d.,\s]", "", format_money_exactly(money, language))

    assert parse_money(number.strip(), currency) == money


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "3 November 2026"), ("ru", f"3 ноября 2026{NARROW_NO_BREAK}г.")]
)
def test_a_date_is_written_in_words(language: str, shown: str) -> None:
    assert format_day(date(2026, 11, 3), language) == shown
