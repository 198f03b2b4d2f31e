"""Amounts on receipts, in figures and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import Money
from app.receipts.words import amount_in_words, format_amount

KNOWN = ("eur", "usd", "gbp", "jpy", "kwd")


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (200, "eur", "two euros"),
        (100, "eur", "one euro"),
        (1550, "eur", "fifteen euros and fifty cents"),
        (50, "eur", "zero euros and fifty cents"),
        (101, "usd", "one US dollar and one cent"),
        (
            123456789,
            "usd",
            "one million, two hundred and thirty-four thousand, five hundred and sixty-seven US dollars"
            " and eighty-nine cents",
        ),
        (101, "gbp", "one pound sterling and one penny"),
        (202, "gbp", "two pounds sterling and two pence"),
        (1, "jpy", "one Japanese yen"),
        (300, "jpy", "three hundred Japanese yen"),
        (500, "kwd", "zero Kuwaiti dinars and five hundred fils"),
        (1001, "kwd", "one Kuwaiti dinar and one fils"),
    ],
)
def test_english_words_follow_the_currency(minor: int, currency: str, words: str) -> None:
    assert amount_in_words(minor, currency, "en") == words


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (100, "eur", "один евро"),
        (200, "eur", "два евро"),
        (500, "eur", "пять евро"),
        (50, "eur", "ноль евро пятьдесят центов"),
        (150, "usd", "один доллар США пятьдесят центов"),
        (201, "usd", "два доллара США один цент"),
        (502, "usd", "пять долларов США два цента"),
        (1105, "usd", "одиннадцать долларов США пять центов"),
        (2111, "usd", "двадцать один доллар США одиннадцать центов"),
        (11200, "usd", "сто двенадцать долларов США"),
        (101, "gbp", "один фунт стерлингов один пенс"),
        (2203, "gbp", "двадцать два фунта стерлингов три пенса"),
        (500, "gbp", "пять фунтов стерлингов"),
        (1, "jpy", "одна японская иена"),
        (2, "jpy", "две японские иены"),
        (5, "jpy", "пять японских иен"),
        (12, "jpy", "двенадцать японских иен"),
        (1000, "jpy", "одна тысяча японских иен"),
        (2000001, "jpy", "два миллиона одна японская иена"),
        (1001, "kwd", "один кувейтский динар один филс"),
        (2002, "kwd", "два кувейтских динара два филса"),
        (5500, "kwd", "пять кувейтских динаров пятьсот филсов"),
    ],
)
def test_russian_words_stand_in_the_case_their_number_asks_for(minor: int, currency: str, words: str) -> None:
    assert amount_in_words(minor, currency, "ru") == words


@pytest.mark.parametrize(
    ("minor", "currency", "language", "words"),
    [
        (1550, "chf", "en", "fifteen CHF and 50/100"),
        (1505, "chf", "ru", "пятнадцать CHF 05/100"),
        (1500, "chf", "en", "fifteen CHF"),
        (50000, "isk", "en", "five hundred ISK"),
        (1500, "krw", "en", "one thousand, five hundred KRW"),
        (1500, "bhd", "en", "one BHD and 500/1000"),
        (1050, "bhd", "ru", "один BHD 050/1000"),
    ],
)
def test_a_currency_without_words_is_named_by_its_code(
    minor: int, currency: str, language: str, words: str
) -> None:
    assert amount_in_words(minor, currency, language) == words


@pytest.mark.parametrize(
    ("minor", "currency", "language", "figures"),
    [
        (123456789, "usd", "en", "$1,234,567.89"),
        (50, "eur", "en", "€0.50"),
        (1500, "eur", "en", "€15.00"),
        (123456789, "eur", "ru", "1 234 567,89 €"),
        (50, "eur", "ru", "0,50 €"),
        (1234567, "jpy", "en", "¥1,234,567"),
        (500, "kwd", "en", "KWD 0.500"),
        (1234567890, "kwd", "ru", "1 234 567,890 KWD"),
        (50000, "isk", "en", "ISK 500"),
    ],
)
def test_figures_carry_every_decimal_that_can_be_charged(
    minor: int, currency: str, language: str, figures: str
) -> None:
    assert format_amount(minor, currency, language).replace("\u00a0", " ").replace("\u202f", " ") == figures


@given(minor=st.integers(0, 10**12), currency=st.sampled_from(KNOWN), language=st.sampled_from(("en", "ru")))
def test_a_currency_with_words_never_falls_back_to_digits_or_codes(
    minor: int, currency: str, language: str
) -> None:
    words = amount_in_words(minor, currency, language)

    assert not any(char.isdigit() for char in words)
    assert currency.upper() not in words
    assert words == " ".join(words.split())


@given(minor=st.integers(0, 10**12), currency=st.sampled_from((*KNOWN, "chf", "krw")))
def test_figures_read_back_as_the_amount(minor: int, currency: str) -> None:
    figures = format_amount(minor, currency, "en")

    digits = int("".join(char for char in figures if char.isdecimal()))
    assert Money(digits, currency) == Money(minor, currency)


def test_a_negative_amount_has_no_words() -> None:
    with pytest.raises(ValueError, match="not negative"):
        amount_in_words(-1, "eur", "en")


def test_a_language_without_words_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'de'"):
        amount_in_words(100, "eur", "de")
