"""Whether one variant does better than another, read honestly: an interval, and "not enough yet".

Shares have Wilson's interval, and the difference of two shares Newcombe's, made of those (Newcombe 1998,
method 10): unlike the usual one it holds for the small shares that appeals have. It is drawn for 99 times of
a hundred rather than 95, and wider the more variants are compared: the page is looked at again and again, and
whoever looks often enough finds a difference by chance.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

LEAST_PAID = 30
"""By the two together: below this no interval is worth reading."""
ALIKE = Decimal("0.2")
"""A difference of less than a fifth of the other's share is none that matters."""
DEVIATIONS = tuple(map(Decimal, ("2.576", "2.807", "2.935", "3.023", "3.090")))
"""For 99 of 100 divided among one, two, three … comparisons."""
_ZERO, _ONE = Decimal(0), Decimal(1)


class Verdict(StrEnum):
    """What may be said of a variant beside the appeal's own words."""

    not_enough = "not_enough"
    """Nothing yet: the interval reaches to both sides."""
    better = "better"
    worse = "worse"
    alike = "alike"
    """Decided: whatever the difference is, it is small."""


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> Decimal:
        """The share itself, 0 of 0 being none."""
        return Decimal(min(self.count, self.of)) / self.of if self.of > 0 else _ZERO


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Between what and what something lies."""

    low: Decimal
    high: Decimal


def wilson(share: Share, *, deviations: Decimal) -> Interval:
    """Return where a share lies; all between nothing and everything where nothing was counted."""
    if share.of <= 0:
        return Interval(low=_ZERO, high=_ONE)
    size, value, squared = Decimal(share.of), share.value, deviations * deviations
    middle = value + squared / (2 * size)
    reach = deviations * (value * (1 - value) / size + squared / (4 * size * size)).sqrt()
    whole = 1 + squared / size
    return Interval(low=max(_ZERO, (middle - reach) / whole), high=min(_ONE, (middle + reach) / whole))


def deviations_for(comparisons: int) -> Decimal:
    """Return how wide intervals are drawn, so that all of a page's comparisons hold together."""
    return DEVIATIONS[min(max(comparisons, 1), len(DEVIATIONS)) - 1]


def difference(share: Share, other: Share, *, deviations: Decimal = DEVIATIONS[0]) -> Interval:
    """Return where the difference of two shares lies, `share` less `other`."""
    mine, theirs = wilson(share, deviations=deviations), wilson(other, deviations=deviations)
    apart = share.value - other.value
    down = ((share.value - mine.low) ** 2 + (theirs.high - other.value) ** 2).sqrt()
    up = ((mine.high - share.value) ** 2 + (other.value - theirs.low) ** 2).sqrt()
    return Interval(low=apart - down, high=apart + up)


def judge(share: Share, other: Share, *, comparisons: int = 1) -> Verdict:
    """Return what may be said of `share` beside `other`."""
    if share.count + other.count < LEAST_PAID:
        return Verdict.not_enough
    apart = difference(share, other, deviations=deviations_for(comparisons))
    if apart.low > 0:
        return Verdict.better
    if apart.high < 0:
        return Verdict.worse
    matters = other.value * ALIKE
    return Verdict.alike if -matters < apart.low and apart.high < matters else Verdict.not_enough
