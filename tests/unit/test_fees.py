"""Covering the fees: the whole gift is left, and not a step more is asked for."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.giving.fees import FeeRule, cover, find_total
from app.kernel.currencies import step_minor
from app.kernel.money import CurrencyMismatch, Money, parse_money
from config.newsroom import load_newsroom

NEWSROOM = load_newsroom(Path(__file__).resolve().parents[2] / "config" / "newsroom.toml")
CURRENCIES = ["eur", "usd", "jpy", "krw", "kwd", "bhd", "isk", "ugx", "huf"]


@st.composite
def gifts_and_rules(draw: st.DrawFn) -> tuple[Money, FeeRule]:
    currency = draw(st.sampled_from(CURRENCIES))
    step = step_minor(currency)
    gift = Money(draw(st.integers(1, 5_000_000)) * step, currency)
    percent = Decimal(draw(st.integers(0, 4999))) / 100
    fixed = Money(draw(st.integers(0, 5000)), currency)
    return gift, FeeRule(percent=percent, fixed=fixed)


@given(gifts_and_rules())
def test_after_the_fee_at_least_the_gift_is_left(case: tuple[Money, FeeRule]) -> None:
    gift, rule = case

    total = cover(gift, rule)

    assert gift <= total - rule.fee_of(total)


@given(gifts_and_rules())
def test_a_step_less_would_not_leave_the_gift(case: tuple[Money, FeeRule]) -> None:
    gift, rule = case

    less = cover(gift, rule) - Money(step_minor(gift.currency), gift.currency)

    assert less - rule.fee_of(less) < gift


@given(gifts_and_rules())
def test_the_total_is_an_amount_that_stripe_charges(case: tuple[Money, FeeRule]) -> None:
    gift, rule = case

    total = cover(gift, rule)

    assert total.minor % step_minor(total.currency) == 0
    assert parse_money(total.plain(), total.currency) == total


@given(gifts_and_rules())
def test_a_larger_gift_never_costs_less(case: tuple[Money, FeeRule]) -> None:
    gift, rule = case
    larger = gift + Money(step_minor(gift.currency), gift.currency)

    assert cover(gift, rule) < cover(larger, rule)


@pytest.mark.parametrize(
    ("gift", "percent", "fixed", "total"),
    [
        (Money(500, "eur"), "2.9", 25, Money(541, "eur")),
        (Money(200, "eur"), "2.9", 25, Money(232, "eur")),
        (Money(300, "jpy"), "3.6", 40, Money(353, "jpy")),
        (Money(700, "kwd"), "2.9", 90, Money(820, "kwd")),
        (Money(50_000, "isk"), "2.9", 4100, Money(55_800, "isk")),
        (Money(500, "eur"), "0", 0, Money(500, "eur")),
    ],
)
def test_totals_by_hand(gift: Money, percent: str, fixed: int, total: Money) -> None:
    rule = FeeRule(percent=Decimal(percent), fixed=Money(fixed, gift.currency))

    assert cover(gift, rule) == total


def test_a_rule_of_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        cover(Money(500, "eur"), FeeRule(percent=Decimal(3), fixed=Money(25, "usd")))


def test_the_newsrooms_own_fees_are_used() -> None:
    assert find_total(NEWSROOM, Money(500, "eur")) == Money(541, "eur")


def test_where_the_file_says_nothing_of_a_currencys_fees_nobody_is_asked_to_cover_them() -> None:
    silent = NEWSROOM.model_copy(update={"fees": {}})

    assert find_total(silent, Money(500, "eur")) is None
