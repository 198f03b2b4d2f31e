"""What may be added to a gift, in words: the fees covered, and a little monthly instead of once."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.giving.fees import find_total
from app.kernel.formatting import format_money
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.web.languages import direction_of
from app.web.languages import translate as _
from config.newsroom import Newsroom

MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One gift with its fees covered: `offer` beside the box, `sentence` above the button once ticked."""

    total: Money
    offer: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Instead:
    """A monthly amount that one press chooses instead of a gift made once."""

    value: str
    text: str
    yearly: str
    """What it comes to in a year: nobody shall have to work it out."""


def covered(newsroom: Newsroom, gift: Money, interval: Interval, language: str) -> Covered | None:
    """Return a gift with its fees covered; None where the newsroom names none."""
    total = find_total(newsroom, gift)
    if total is None or total == gift:
        return None
    amounts = {
        "total": in_a_sentence(total, language),
        "gift": in_a_sentence(gift, language),
        "fees": in_a_sentence(total - gift, language),
    }
    return Covered(
        total=total,
        offer=_("%(total)s instead of %(gift)s: then the whole %(gift)s reaches us.", **amounts),
        sentence=_covered_sentence(interval, amounts),
    )


def covered_at_stripe(newsroom: Newsroom, gift: Money, total: Money, language: str) -> str:
    """Return what Stripe's page says beside its button of a gift whose fees are covered."""
    return _(
        "As agreed: %(total)s in all, %(gift)s of it for %(newsroom)s, %(fees)s for the payment fees.",
        total=in_a_sentence(total, language),
        gift=in_a_sentence(gift, language),
        fees=in_a_sentence(total - gift, language),
        newsroom=newsroom.name,
    )


def instead_of_once(newsroom: Newsroom, gift: Money, language: str) -> Instead | None:
    """Return the monthly amount that suits who gives this much once; None where none is suggested."""
    nearest = nearest_monthly(newsroom.suggested(gift.currency, Interval.month), gift)
    if nearest is None:
        return None
    return Instead(
        value=nearest.plain(),
        text=in_a_sentence(nearest, language),
        yearly=in_a_sentence(Money(nearest.minor * MONTHS, nearest.currency), language),
    )


def nearest_monthly(suggested: Sequence[Money], gift: Money) -> Money | None:
    """Return which monthly amount comes closest in a year to a gift made once; of two, the smaller."""
    return min(
        suggested,
        key=lambda monthly: (abs(monthly.minor * MONTHS - gift.minor), monthly.minor),
        default=None,
    )


def in_a_sentence(amount: Money, language: str) -> str:
    """Return an amount that keeps its own order inside a sentence running from right to left."""
    text = format_money(amount, language)
    return f"\u2068{text}\u2069" if direction_of(language) == "rtl" else text


def _covered_sentence(interval: Interval, amounts: dict[str, str]) -> str:
    sentences = {
        Interval.once: _(
            "You pay %(total)s once: %(gift)s for us, %(fees)s for the fees. "
            "We send one receipt, and nothing repeats.",
            **amounts,
        ),
        Interval.month: _(
            "You pay %(total)s every month, until you stop: %(gift)s for us, %(fees)s for the fees. "
            "We send a receipt each time.",
            **amounts,
        ),
        Interval.year: _(
            "You pay %(total)s every year, until you stop: %(gift)s for us, %(fees)s for the fees. "
            "We send a receipt each time.",
            **amounts,
        ),
    }
    return sentences[interval]
