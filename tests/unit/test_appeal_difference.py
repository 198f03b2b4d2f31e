"""The reading of a difference: the intervals of the books, and seldom a difference where there is none."""

import random
from decimal import Decimal

import pytest

from app.appeals.difference import (
    DEVIATIONS,
    LEAST_PAID,
    Share,
    Verdict,
    deviations_for,
    difference,
    judge,
    wilson,
)

NINETY_FIVE = Decimal("1.959964")


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        (Share(81, 263), "0.2553", "0.3662"),
        (Share(15, 148), "0.0624", "0.1605"),
        (Share(0, 20), "0.0000", "0.1611"),
        (Share(1, 29), "0.0061", "0.1718"),
    ],
)
def test_a_shares_interval_is_the_one_in_wilsons_and_newcombes_tables(
    share: Share, low: str, high: str
) -> None:
    found = wilson(share, deviations=NINETY_FIVE)

    assert (f"{found.low:.4f}", f"{found.high:.4f}") == (low, high)


@pytest.mark.parametrize(
    ("share", "other", "low", "high"),
    [
        (Share(56, 70), Share(48, 80), "0.0524", "0.3339"),
        (Share(9, 10), Share(3, 10), "0.1705", "0.8090"),
        (Share(5, 56), Share(0, 29), "-0.0381", "0.1926"),
    ],
)
def test_a_differences_interval_is_the_one_in_newcombes_table(
    share: Share, other: Share, low: str, high: str
) -> None:
    found = difference(share, other, deviations=NINETY_FIVE)

    assert (f"{found.low:.4f}", f"{found.high:.4f}") == (low, high)


def test_turned_round_the_interval_turns_round() -> None:
    there, back = (
        difference(*pair) for pair in ((Share(40, 900), Share(55, 1100)), (Share(55, 1100), Share(40, 900)))
    )

    assert (there.low, there.high) == (-back.high, -back.low)


def test_more_comparisons_draw_wider_intervals() -> None:
    assert list(DEVIATIONS) == sorted(DEVIATIONS)
    assert deviations_for(0) == deviations_for(1) < deviations_for(2)
    assert deviations_for(99) == DEVIATIONS[-1]


@pytest.mark.parametrize(
    ("share", "other", "verdict"),
    [
        (Share(0, 0), Share(0, 0), Verdict.not_enough),
        (Share(12, 1_000), Share(4, 1_000), Verdict.not_enough),
        (Share(LEAST_PAID - 1, 1_000), Share(0, 1_000), Verdict.not_enough),
        (Share(130, 10_000), Share(60, 10_000), Verdict.better),
        (Share(60, 10_000), Share(130, 10_000), Verdict.worse),
        (Share(100, 10_000), Share(90, 10_000), Verdict.not_enough),
        (Share(10_000, 1_000_000), Share(9_990, 1_000_000), Verdict.alike),
        (Share(50, 20), Share(0, 20), Verdict.better),
    ],
)
def test_what_may_be_said(share: Share, other: Share, verdict: Verdict) -> None:
    assert judge(share, other) is verdict


def test_who_looks_every_day_at_equal_variants_is_seldom_told_of_a_difference() -> None:
    """Five hundred comparisons of the same words, looked at on each of thirty days."""
    chance = random.Random(2026)

    misled = sum(is_misled(chance) for _ in range(500))

    assert misled <= 25, "one in twenty, looked at thirty times"


def is_misled(chance: random.Random) -> bool:
    """Whether on any of thirty days a difference is claimed between two equal variants."""
    mine = theirs = shown = 0
    for _ in range(30):
        shown += 100
        mine += sum(chance.random() < 0.02 for _ in range(100))
        theirs += sum(chance.random() < 0.02 for _ in range(100))
        if judge(Share(mine, shown), Share(theirs, shown)) in (Verdict.better, Verdict.worse):
            return True
    return False
