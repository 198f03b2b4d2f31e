"""What may be promised: amounts within bounds, names as one clean line."""

import pytest

from app.giving.forms import LONGEST_NAME
from app.giving.rules import AmountTooLarge, AmountTooSmall, NameTooLong, check_bounds, check_name, tidy_line
from app.kernel.intervals import Interval
from app.kernel.money import Money
from config.newsroom import load_newsroom
from tests.conftest import NEWSROOM

newsroom = load_newsroom(NEWSROOM)


@pytest.mark.parametrize(
    ("least", "most", "interval"),
    [
        (Money(200, "eur"), Money(1_000_000, "eur"), Interval.month),
        (Money(2000, "eur"), Money(1_000_000, "eur"), Interval.year),
        (Money(300, "jpy"), Money(1_500_000, "jpy"), Interval.once),
        (Money(700, "kwd"), Money(3_000_000, "kwd"), Interval.month),
    ],
)
def test_the_bounds_themselves_are_taken_and_one_step_beyond_is_not(
    least: Money, most: Money, interval: Interval
) -> None:
    step = Money(1, least.currency)

    assert check_bounds(newsroom, least, interval) == least
    assert check_bounds(newsroom, most, interval) == most
    with pytest.raises(AmountTooSmall) as too_small:
        check_bounds(newsroom, least - step, interval)
    with pytest.raises(AmountTooLarge) as too_large:
        check_bounds(newsroom, most + step, interval)
    assert (too_small.value.least, too_large.value.most) == (least, most)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada\r\n Lovelace ", "Ada Lovelace"),
        ("Ada\u202egnp", "Adagnp"),
        ("Ada\ud800", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("\u200b\u00ad", None),
        ("", None),
    ],
)
def test_a_name_is_one_clean_line_or_none(typed: str, kept: str | None) -> None:
    assert check_name(typed) == kept


def test_a_name_is_measured_as_it_will_be_printed() -> None:
    assert check_name(" " + "Ж" * LONGEST_NAME + " ") == "Ж" * LONGEST_NAME
    with pytest.raises(NameTooLong):
        check_name("Ж" * (LONGEST_NAME + 1))


def test_tidying_twice_changes_nothing_more() -> None:
    for text in ("a\x00b", "م\u200cم", "👩\u200d🚀  \t x", "e\u0301"):
        assert tidy_line(tidy_line(text)) == tidy_line(text)
