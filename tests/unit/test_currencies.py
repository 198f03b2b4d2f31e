"""Stripe's exponents, which are not Babel's."""

import pytest
from babel.numbers import get_currency_precision

from app.kernel.currencies import THREE_DECIMAL, WHOLE_IN_TWO_DECIMALS, ZERO_DECIMAL, exponent, step_minor


@pytest.mark.parametrize("currency", ["jpy", "krw", "vnd", "clp", "xaf", "rwf"])
def test_a_yen_has_no_smaller_unit(currency: str) -> None:
    assert exponent(currency) == 0
    assert step_minor(currency) == 1


@pytest.mark.parametrize("currency", ["kwd", "bhd", "jod", "omr", "tnd"])
def test_a_dinar_has_a_thousand_fils_charged_in_tens(currency: str) -> None:
    assert exponent(currency) == 3
    assert step_minor(currency) == 10


@pytest.mark.parametrize("currency", ["isk", "ugx"])
def test_stripe_counts_a_krona_in_hundredths_and_charges_it_whole(currency: str) -> None:
    assert exponent(currency) == 2
    assert step_minor(currency) == 100


@pytest.mark.parametrize("currency", ["eur", "usd", "gbp", "huf", "twd", "rub", "inr"])
def test_all_others_have_two_decimals(currency: str) -> None:
    assert exponent(currency) == 2
    assert step_minor(currency) == 1


def test_stripes_table_is_not_the_one_for_display() -> None:
    differing = [
        code for code in ("isk", "ugx", "huf") if get_currency_precision(code.upper()) != exponent(code)
    ]

    assert "isk" in differing


def test_no_currency_stands_in_two_tables() -> None:
    assert not ZERO_DECIMAL & THREE_DECIMAL
    assert not (ZERO_DECIMAL | THREE_DECIMAL) & WHOLE_IN_TWO_DECIMALS
    assert all(code == code.lower() and len(code) == 3 for code in ZERO_DECIMAL | THREE_DECIMAL)
