"""The tests' own statistic tells samples apart where they differ, and not where they do not."""

import random

import pytest

from tests.support.two_samples import chance_of_gap, largest_gap


def drawn(seed: int, *, mean: float = 0.0, spread: float = 1.0) -> list[float]:
    source = random.Random(seed)
    return [source.gauss(mean, spread) for _ in range(500)]


def test_the_gap_is_the_largest_distance_of_the_two_distributions() -> None:
    assert largest_gap([1, 2, 3, 4], [1, 2, 3, 4]) == 0
    assert largest_gap([1, 2], [3, 4]) == 1
    assert largest_gap([1, 2, 3, 4], [2.5, 3.5, 4.5, 5.5]) == 0.5


def test_one_source_is_rarely_taken_for_two() -> None:
    chances = [chance_of_gap(drawn(seed), drawn(seed + 1000)) for seed in range(100)]

    assert sum(chance < 0.05 for chance in chances) <= 10
    assert min(chances) > 0.0005


@pytest.mark.parametrize(("mean", "spread"), [(0.6, 1.0), (0.0, 2.0)])
def test_two_sources_are_told_apart_by_place_and_by_spread(mean: float, spread: float) -> None:
    others = [drawn(seed + 1000, mean=mean, spread=spread) for seed in range(9)]

    assert max(chance_of_gap(drawn(seed), other) for seed, other in enumerate(others)) < 0.001


def test_the_chance_is_the_one_in_the_tables() -> None:
    """The critical value at 5 % is 1.358 divided by the root of n m / (n + m): 0.0859 for twice 500."""
    below, above = list(range(500)), [value + 43.5 for value in range(500)]

    assert largest_gap(below, above) == pytest.approx(0.088)
    assert chance_of_gap(below, above) == pytest.approx(0.04, abs=0.01)
