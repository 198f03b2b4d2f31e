"""Whole minor units of one currency."""

import re
from dataclasses import dataclass
from decimal import Decimal

from app.kernel.currencies import WHOLE_IN_TWO_DECIMALS, exponent, step_minor
from app.kernel.errors import BadInput, SmallFavorError

_CURRENCY_CODE = re.compile(r"[a-z]{3}")
_PLAIN = re.compile(r"(?P<whole>\d{1,12})([.,](?P<part>\d{1,6}))?")
_GROUPED = re.compile(
    r"(?P<whole>(?!0)\d{1,3}(?:(?P<group>[.,])\d{3})(?:(?P=group)\d{3})*)((?!(?P=group))[.,](?P<part>\d{1,6}))?"
)
_GROUP_DIGITS = 3
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f'’"))
_DIGITS = {ord(digit): str(value) for row in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(row)}


class CurrencyMismatch(SmallFavorError):
    """Two amounts of different currencies met in one sum."""


class AmountNotUnderstood(BadInput):
    """The text is not an amount, or has decimals its currency does not have."""


class AmountReadTwoWays(AmountNotUnderstood):
    """The text is one amount with a sign between thousands, and another with one before decimals.

    `large` and `small` are the two as they can be typed without doubt: `5001` and `5.00` for `5.001`.
    """

    def __init__(self, large: str, small: str) -> None:
        super().__init__(f"either {large} or {small}")
        self.large = large
        self.small = small


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units with Stripe's lowercase currency code: `Money(1500, "usd")`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is not whole or not a currency code."""
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if not _CURRENCY_CODE.fullmatch(self.currency):
            raise ValueError("a currency is three lowercase letters")

    def __add__(self, other: "Money") -> "Money":
        """Add an amount of the same currency."""
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract an amount of the same currency."""
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        """Return the amount with its sign turned."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Compare with an amount of the same currency."""
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        """Compare with an amount of the same currency."""
        return self.minor <= self._same(other).minor

    @property
    def major(self) -> Decimal:
        """The amount in the currency's main unit, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def plain(self) -> str:
        """Return the main-unit number alone, as a form field takes it: `2`, `2.50`, `0.500`."""
        whole = self.major == self.major.to_integral_value()
        return str(int(self.major)) if whole else f"{self.major:.{exponent(self.currency)}f}"

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} met {other.currency}")
        return other


def parse_money(text: str, currency: str) -> Money:
    """Read what a person typed as money: `2`, `2.50`, `2,50`, `1 000`, `1,000.50`, `1.000,50`.

    Raises: AmountReadTwoWays: `1,000` or `5.001` in a currency with decimals, which one person means as
        a thousand and another as one. AmountNotUnderstood: not a number, or finer than the currency
        can be charged.
    """
    whole, part = _typed_digits(text, currency)
    if len(part) > exponent(currency):
        raise AmountNotUnderstood(f"finer than {currency} can be charged")
    minor = int(Decimal(f"{whole}.{part or 0}").scaleb(exponent(currency)))
    if minor % step_minor(currency):
        raise AmountNotUnderstood(f"finer than {currency} can be charged")
    return Money(minor, currency)


def _typed_digits(text: str, currency: str) -> tuple[str, str]:
    cleaned = text.translate(_SPACES).translate(_DIGITS).replace("٫", ".")
    grouped, plain = _GROUPED.fullmatch(cleaned), _PLAIN.fullmatch(cleaned)
    found = _the_one_meant(grouped, plain, currency) if grouped and plain else grouped or plain
    if not found:
        raise AmountNotUnderstood("not a number")
    return re.sub(r"\D", "", found["whole"]), found["part"] or ""


def _the_one_meant(grouped: re.Match[str], plain: re.Match[str], currency: str) -> re.Match[str]:
    """Return which reading of a number with three digits behind its one sign is meant.

    Without decimals the sign can only part thousands. With three of them a dot can only stand before
    them, as Kuwait writes and as our own pages do. Raises: AmountReadTwoWays: in all other cases.
    """
    decimals = exponent(currency)
    if not decimals or currency in WHOLE_IN_TWO_DECIMALS:
        return grouped
    if decimals == _GROUP_DIGITS and "," not in plain.string:
        return plain
    small = f"{plain['whole']}.{plain['part'][:decimals]}"
    raise AmountReadTwoWays(large=re.sub(r"\D", "", grouped["whole"]), small=small)
