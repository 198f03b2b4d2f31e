"""Pairs measured in turn, because the machine's speed drifts: the ratio of each pair counts."""

import statistics
from collections.abc import Callable

ROUNDS = 7


def paired(ours: Callable[[int], float], bare: Callable[[int], float]) -> tuple[float, float, list[float]]:
    """Return the medians of both and the ratio of each pair, after one round to warm up."""
    ours(0), bare(0)
    pairs = []
    for number in range(1, ROUNDS + 1):
        first, second = (ours, bare) if number % 2 else (bare, ours)
        one, other = first(number), second(number)
        pairs.append((one, other) if number % 2 else (other, one))
    ratios = sorted(mine / theirs for mine, theirs in pairs)
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs), ratios


def describe(name: str, ours: float, bare: float, ratios: list[float]) -> str:
    """Return one line of a report."""
    middle = statistics.median(ratios)
    return (
        f"{name:34} ours {ours:8.0f}/s   bare {bare:8.0f}/s   "
        f"ratio {middle:.2f} (of {len(ratios)} pairs: {ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
