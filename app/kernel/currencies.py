"""Stripe's currency exponents, in one table.

Babel's exponents are for display only: Stripe counts some currencies its own way.
Source: https://docs.stripe.com/currencies#zero-decimal
"""

ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(),
)
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
WHOLE_IN_TWO_DECIMALS = frozenset({"isk", "ugx"})
"""Counted by Stripe in hundredths, yet only whole units may be charged."""

_THREE_DECIMAL_STEP = 10
_WHOLE_STEP = 100


def exponent(currency: str) -> int:
    """Return how many decimals Stripe's minor unit of a lowercase currency code stands for."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def step_minor(currency: str) -> int:
    """Return the smallest difference, in minor units, between two amounts Stripe will charge.

    Three-decimal amounts must end in 0, because card networks round them to two decimals.
    """
    if currency in WHOLE_IN_TWO_DECIMALS:
        return _WHOLE_STEP
    return _THREE_DECIMAL_STEP if currency in THREE_DECIMAL else 1
