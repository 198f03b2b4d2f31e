"""Covering the fees: the smallest total of which, after Stripe's fee, the whole gift is left."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.kernel.currencies import step_minor
from app.kernel.money import Money
from config.newsroom import Newsroom

_WHOLE = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class FeeRule:
    """What Stripe keeps of each payment: a share of all that is charged, and a fixed sum."""

    percent: Decimal
    fixed: Money

    def fee_of(self, total: Money) -> Money:
        """Return the fee on a payment, rounded to a whole minor unit as Stripe rounds."""
        share = (total.minor * self.percent.scaleb(-2)).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(share), total.currency) + self.fixed


def cover(gift: Money, rule: FeeRule) -> Money:
    """Return the smallest amount that can be charged and leaves at least the gift after its fee.

    Raises: CurrencyMismatch: the rule is another currency's.
    """
    step = step_minor(gift.currency)
    # Less never suffices: with a share under a half, a unit less takes away more than rounding gives.
    nearly = (gift + rule.fixed).minor * _WHOLE // (_WHOLE - rule.percent)
    total = Money(int(nearly) // step * step, gift.currency)
    while not _leaves(total, rule, gift):
        total += Money(step, gift.currency)
    return total


def find_fee_rule(newsroom: Newsroom, currency: str) -> FeeRule | None:
    """Return what Stripe keeps in a currency; None where the newsroom's file says nothing of it."""
    terms = newsroom.fees.get(currency)
    return FeeRule(percent=terms.percent, fixed=newsroom.fixed_fee(currency)) if terms else None


def find_total(newsroom: Newsroom, gift: Money) -> Money | None:
    """Return what is charged for a gift whose giver covers the fees; None where nobody can."""
    rule = find_fee_rule(newsroom, gift.currency)
    return cover(gift, rule) if rule else None


def _leaves(total: Money, rule: FeeRule, gift: Money) -> bool:
    """Whether the gift is left of the total; a larger total never leaves less."""
    return gift <= total - rule.fee_of(total)
