"""Money is whole minor units of one currency, and text becomes money by Decimal alone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.currencies import exponent, step_minor
from app.kernel.money import (
    AmountNotUnderstood,
    AmountReadTwoWays,
    CurrencyMismatch,
    Money,
    parse_money,
)

CURRENCIES = ("eur", "usd", "jpy", "kwd", "isk", "ugx", "huf")
currencies = st.sampled_from(CURRENCIES)
minors = st.integers(-(10**14), 10**14)


@st.composite
def chargeable(draw: st.DrawFn) -> Money:
    currency = draw(currencies)
    return Money(draw(st.integers(0, 10**10)) * step_minor(currency), currency)


def test_nineteen_ninety_nine_is_1999_where_a_float_would_make_it_1998() -> None:
    by_float = int(float("19.99") * 100)

    assert by_float == 1998
    assert parse_money("19.99", "usd") == Money(1999, "usd")


@given(st.integers(0, 10**12 - 1), st.integers(0, 99))
def test_no_cent_is_lost_in_any_amount(whole: int, cents: int) -> None:
    assert parse_money(f"{whole}.{cents:02d}", "eur") == Money(whole * 100 + cents, "eur")


@given(chargeable())
def test_what_a_form_field_shows_is_read_back_as_the_same_amount(money: Money) -> None:
    assert parse_money(money.plain(), money.currency) == money


@given(st.text(max_size=20), currencies)
def test_any_text_is_an_amount_or_is_refused_and_nothing_else(text: str, currency: str) -> None:
    try:
        money = parse_money(text, currency)
    except AmountNotUnderstood:
        return
    assert money.currency == currency
    assert money.minor >= 0
    assert money.minor % step_minor(currency) == 0


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("2", "eur", 200),
        ("2", "jpy", 2),
        ("2", "kwd", 2000),
        ("2", "huf", 200),
        ("2.50", "eur", 250),
        ("2,50", "eur", 250),
        ("2.5", "eur", 250),
        (" 2 ", "eur", 200),
        ("1 000", "eur", 100_000),
        ("1\u202f000,50", "eur", 100_050),
        ("1'000.50", "usd", 100_050),
        ("1,000.50", "usd", 100_050),
        ("1.000,50", "eur", 100_050),
        ("1,000,000", "jpy", 1_000_000),
        ("1.000", "jpy", 1000),
        ("1,000", "jpy", 1000),
        ("1.000", "isk", 100_000),
        ("1,000,000", "eur", 100_000_000),
        ("0.500", "kwd", 500),
        ("1.500", "kwd", 1500),
        ("1,000.500", "kwd", 1_000_500),
        ("٢٥", "eur", 2500),
        ("٢٫٥٠", "eur", 250),
        ("۱۲۳", "jpy", 123),
        ("500", "isk", 50_000),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "eur"),
        ("two", "eur"),
        ("-2", "eur"),
        ("+2", "eur"),
        ("2e3", "eur"),
        ("0x10", "eur"),
        ("1_000", "eur"),
        ("NaN", "eur"),
        ("∞", "eur"),
        ("½", "eur"),
        ("2€", "eur"),
        ("0.500", "eur"),
        ("0,500", "usd"),
        ("0.500", "jpy"),
        ("2,5050", "eur"),
        ("1,00,000", "eur"),
        ("1.2.3", "eur"),
        (".50", "eur"),
        ("2.", "eur"),
        ("1234567890123", "eur"),
        ("2.5", "jpy"),
        ("0.505", "kwd"),
        ("2.50", "isk"),
        ("2.50", "ugx"),
    ],
)
def test_what_is_no_amount_or_too_fine_is_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountNotUnderstood):
        parse_money(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "large", "small"),
    [
        ("5.001", "eur", "5001", "5.00"),
        ("1,000", "eur", "1000", "1.00"),
        ("1.000", "usd", "1000", "1.00"),
        ("25,505", "gbp", "25505", "25.50"),
        ("1,000", "kwd", "1000", "1.000"),
        ("١٫٥٠٠", "eur", "1500", "1.50"),
    ],
)
def test_what_can_be_read_as_two_amounts_is_refused_and_both_are_named(
    text: str, currency: str, large: str, small: str
) -> None:
    with pytest.raises(AmountReadTwoWays) as doubtful:
        parse_money(text, currency)

    assert (doubtful.value.large, doubtful.value.small) == (large, small)
    assert parse_money(small, currency) < parse_money(large, currency)


@given(minors, minors, currencies)
def test_sums_and_differences_undo_each_other(one: int, other: int, currency: str) -> None:
    first, second = Money(one, currency), Money(other, currency)

    assert first + second - second == first
    assert first + second == second + first
    assert -first + first == Money(0, currency)
    assert first - first == Money(0, currency)
    assert (first < second) == (one < other)
    assert (first <= second) == (one <= other)


@pytest.mark.parametrize("operator", ["__add__", "__sub__", "__lt__", "__le__"])
def test_two_currencies_never_meet_in_one_sum(operator: str) -> None:
    with pytest.raises(CurrencyMismatch, match="eur met usd"):
        getattr(Money(200, "eur"), operator)(Money(200, "usd"))


def test_the_same_number_in_two_currencies_is_not_equal() -> None:
    assert Money(200, "eur") != Money(200, "usd")


@pytest.mark.parametrize("minor", [2.0, "200", Decimal(2), True, None])
def test_minor_units_are_whole_numbers_and_nothing_else(minor: object) -> None:
    with pytest.raises(TypeError, match="whole numbers"):
        Money(minor, "eur")  # type: ignore[arg-type]  # the wrong type is the point


@pytest.mark.parametrize("currency", ["EUR", "eu", "euro", "", "e1r", "eur\n"])
def test_a_currency_is_three_lowercase_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="three lowercase letters"):
        Money(200, currency)


@given(minors, currencies)
def test_the_main_unit_is_exact(minor: int, currency: str) -> None:
    major = Money(minor, currency).major

    assert major * 10 ** exponent(currency) == minor


@pytest.mark.parametrize(
    ("money", "shown"),
    [
        (Money(200, "eur"), "2"),
        (Money(250, "eur"), "2.50"),
        (Money(300, "jpy"), "300"),
        (Money(500, "kwd"), "0.500"),
        (Money(10**14, "eur"), "1000000000000"),
    ],
)
def test_a_form_field_shows_decimals_only_where_there_are_any(money: Money, shown: str) -> None:
    assert money.plain() == shown
