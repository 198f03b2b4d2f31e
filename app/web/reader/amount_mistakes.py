"""What to say about an amount that cannot be taken."""

from app.kernel.formatting import format_money
from app.kernel.intervals import Interval
from app.kernel.money import AmountReadTwoWays, Money
from app.web.languages import translate as _


def both_readings(doubtful: AmountReadTwoWays) -> str:
    """Ask which of its two readings an amount has."""
    return _(
        "This can be read as %(large)s or as %(small)s. "
        "Type the one you mean, without a dot or comma between thousands.",
        large=doubtful.large,
        small=doubtful.small,
    )


def how_to_write(example: Money) -> str:
    """Show how an amount is typed."""
    return _("Type the amount as a number, such as %(example)s.", example=example.plain())


def least_in_words(least: Money, interval: Interval, language: str) -> str:
    """Name the smallest gift."""
    amount = format_money(least, language)
    words = {
        Interval.once: _("The least we can take once is %(amount)s. Type that or more.", amount=amount),
        Interval.month: _("The least we can take monthly is %(amount)s. Type that or more.", amount=amount),
        Interval.year: _("The least we can take yearly is %(amount)s. Type that or more.", amount=amount),
    }
    return words[interval]


def most_in_words(most: Money, contact_address: str, language: str) -> str:
    """Name the largest gift, and whom to write to for more."""
    return _(
        "The most this page takes is %(amount)s. To give more, please write to %(contact)s.",
        amount=format_money(most, language),
        contact=contact_address,
    )
