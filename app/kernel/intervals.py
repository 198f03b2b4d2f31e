"""How often a gift is made."""

from enum import StrEnum


class Interval(StrEnum):
    """How often a gift is made: Stripe's words for what recurs, ours for what does not."""

    once = "once"
    month = "month"
    year = "year"
