"""What gift memberships cost: the part `[gifts]` of the newsroom's file."""

from typing import Annotated

from pydantic import Field, field_validator

from app.kernel.money import Money, parse_money
from config.wording import Part

MOST_LENGTHS = 4
"""The form has room for so many."""


class GiftTerms(Part):
    """How long gifts last and what a month of one costs."""

    months: list[Annotated[int, Field(ge=1, le=60)]] = Field(min_length=1, max_length=MOST_LENGTHS)
    """The lengths to choose from, in the order they are offered."""
    claim_months: int = Field(default=12, ge=12, le=60)
    """For how long after the payment the code can be claimed."""
    monthly: dict[str, str] = Field(min_length=1)
    """What one month costs, by currency, as a text in its main unit; a currency left out is not offered."""

    @field_validator("months")
    @classmethod
    def _each_once(cls, value: list[int]) -> list[int]:
        if len(set(value)) != len(value):
            raise ValueError("a length is named twice")
        return value

    def price(self, months: int, currency: str) -> Money:
        """Return what so many months cost."""
        monthly = parse_money(self.monthly[currency], currency)
        return Money(monthly.minor * months, currency)
