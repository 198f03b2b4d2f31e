"""What may be promised: amounts within the newsroom's bounds, names as people have them."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.giving.forms import LONGEST_NAME
from app.giving.rules import AmountTooLarge, AmountTooSmall, NameTooLong, check_bounds, check_name, tidy_line
from app.kernel.intervals import Interval
from app.kernel.money import Money
from config.newsroom import load_newsroom

NEWSROOM = load_newsroom(Path(__file__).resolve().parents[2] / "config" / "newsroom.toml")


@pytest.mark.parametrize(
    ("amount", "interval"),
    [
        (Money(200, "eur"), Interval.month),
        (Money(1_000_000, "eur"), Interval.month),
        (Money(2000, "eur"), Interval.year),
        (Money(300, "jpy"), Interval.month),
        (Money(700, "kwd"), Interval.once),
    ],
)
def test_the_bounds_themselves_may_be_given(amount: Money, interval: Interval) -> None:
    assert check_bounds(NEWSROOM, amount, interval) == amount


def test_a_cent_less_than_the_least_is_too_little_and_the_least_is_told() -> None:
    with pytest.raises(AmountTooSmall) as refused:
        check_bounds(NEWSROOM, Money(199, "eur"), Interval.month)

    assert refused.value.least == Money(200, "eur")


def test_a_cent_more_than_the_most_is_too_much_and_the_most_is_told() -> None:
    with pytest.raises(AmountTooLarge) as refused:
        check_bounds(NEWSROOM, Money(1_000_001, "eur"), Interval.month)

    assert refused.value.most == Money(1_000_000, "eur")


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Ádám Ödön",
        "Анна Ахматова",
        "محمد بن سلمان",
        "שרה",
        "O'Neill-Müller, PhD",
        "孙中山",
        "می\u200cخواهم",
        "Ben 🏳️\u200d🌈",
        "x" * LONGEST_NAME,
        "=HYPERLINK(1)",
    ],
)
def test_a_name_is_kept_as_its_owner_writes_it(name: str) -> None:
    assert check_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "\u202e", "\n\t"])
def test_a_name_that_shows_nothing_is_no_name(typed: str) -> None:
    assert check_name(typed) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada   Adler ", "Ada Adler"),
        ("Ada\r\nBcc: ben@example.org", "Ada Bcc: ben@example.org"),
        ("Ada\u2028Adler", "Ada Adler"),
        ("\u202eadA", "adA"),
        ("A\u0301da", "Áda"),
        ("Ada\x00", "Ada"),
    ],
)
def test_a_name_is_one_line_without_hidden_characters(typed: str, kept: str) -> None:
    assert check_name(typed) == kept


def test_a_name_longer_than_the_longest_is_refused_not_cut() -> None:
    with pytest.raises(NameTooLong):
        check_name("x" * (LONGEST_NAME + 1))


@given(st.text())
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once = tidy_line(text)

    assert tidy_line(once) == once
    assert "\n" not in once
    assert once == once.strip()
    once.encode()
