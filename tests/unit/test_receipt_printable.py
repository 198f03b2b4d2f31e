"""What people typed, made fit to print."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.receipts.printable import clean, is_right_to_left, without_symbols


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("  Ada \r\n\t Lovelace\u2028 ", "Ada Lovelace"),
        ("A\x00d\x07a\x7f", "Ada"),
        ("\u202eAda\u202c \u2066L\u2069\u200e\u200f\u061c", "Ada L"),
        ("Ada\ud800\ue000\U000f0000\u00ad\ufeff\u200b", "Ada"),
        ("\u200b \u202e", ""),
        ("Zoe\u0308", "Zoë"),
        ("x" + "\u0301" * 119, "x\u0301\u0301\u0301"),
        ("x" + "\u20dd" * 4, "x\u20dd\u20dd\u20dd"),
        ("x\u0315\u0300\u0301\u20dd", "x\u0300\u0301\u0315"),
        ("Brrrr", "Brrrr"),
        ("گل\u200cشیری", "گل\u200cشیری"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ('=1+1 "q" \\ #x', '=1+1 "q" \\ #x'),
    ],
)
def test_clean_text_is_one_line_without_anything_invisible(typed: str, printed: str) -> None:
    assert clean(typed) == printed


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ada 😀 Lovelace ❤\ufe0f", "Ada Lovelace"),
        ("1\ufe0f\u20e3 O'Neil-Smith, Jr.", "1 O'Neil-Smith, Jr."),
        ("नरेंद्र 𝄞", "नरेंद्र"),
        ("😀", ""),
        ("Ada\u0378", "Ada"),
    ],
)
def test_without_symbols_letters_marks_digits_and_punctuation_stay(text: str, plain: str) -> None:
    assert without_symbols(text) == plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada", False),
        ("دانا", True),
        ("(דוד) Ada", True),
        ("123 Ada דוד", False),
        ("123 …", False),
        ("", False),
    ],
)
def test_the_first_letter_decides_the_direction(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected


@given(st.text(st.characters()))
def test_cleaning_clean_text_changes_nothing(typed: str) -> None:
    once = clean(typed)

    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert len(once.splitlines()) <= 1
