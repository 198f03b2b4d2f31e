"""Whether two samples can be told apart: the two-sample test of Kolmogorov and Smirnov.

https://www.itl.nist.gov/div898/handbook/eda/section3/eda35g.htm
"""

import math
from bisect import bisect_right
from collections.abc import Sequence


def largest_gap(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the largest distance between the two distributions, from 0 to 1."""
    first, second = sorted(one), sorted(other)
    return max(
        abs(bisect_right(first, value) / len(first) - bisect_right(second, value) / len(second))
        for value in (*first, *second)
    )


def chance_of_gap(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how likely so large a gap is where both samples come from one source."""
    size = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    argument = (size + 0.12 + 0.11 / size) * largest_gap(one, other)
    if argument < 0.2:
        return 1.0
    terms = ((1 if k % 2 else -1) * 2 * math.exp(-2 * (k * argument) ** 2) for k in range(1, 101))
    return min(max(sum(terms), 0.0), 1.0)
