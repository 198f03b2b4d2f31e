"""What the form offers in one currency, in the words of one language."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.numbers import get_currency_name, get_currency_symbol
from flask_babel import ngettext

from app.kernel.formatting import format_money
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.web.languages import translate as _
from app.web.reader.extras import Covered, Instead, covered, in_a_sentence, instead_of_once
from config.newsroom import Newsroom

OTHER = "other"
CHOSEN_AT_FIRST = Interval.month
TILE_CHOSEN_AT_FIRST = 1
"""The second: the first is the appeal's own "starting from just"."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One suggested amount: `value` as the form sends it, `text` as the reader sees it."""

    value: str
    text: str
    sentence: str
    """What choosing it means."""
    covered: Covered | None
    """What it comes to with the fees covered, where the newsroom names them."""
    instead: Instead | None
    """Of a gift made once: what it may be monthly."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The amounts of one interval."""

    interval: Interval
    label: str
    tiles: list[Tile]
    other_sentence: str
    bounds: str
    """The least and the most that may be typed, in words."""
    fees_known: bool
    """Whether the fees of an amount can be covered."""
    instead: Instead | None
    """Of a gift made once of any other amount: what it may be monthly."""

    @property
    def chosen_at_first(self) -> str:
        """The amount marked on a fresh form."""
        if not self.tiles:
            return OTHER
        return self.tiles[min(TILE_CHOSEN_AT_FIRST, len(self.tiles) - 1)].value


@dataclass(frozen=True, kw_only=True)
class CurrencyChoice:
    """One currency by its name."""

    code: str
    name: str
    symbol: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """All that may be chosen in one currency."""

    currency: CurrencyChoice
    currencies: list[CurrencyChoice]
    panels: Mapping[Interval, Panel]


def offer_in(newsroom: Newsroom, currency: str, language: str) -> Offer:
    """Return the newsroom's offer in a currency; the words are the request's language."""
    choices = [currency_choice(code, language) for code in newsroom.currencies]
    return Offer(
        currency=next(choice for choice in choices if choice.code == currency),
        currencies=choices,
        panels={
            interval: _panel(newsroom, currency, interval, language=language)
            for interval in (Interval.once, Interval.month, Interval.year)
        },
    )


def title_of(interval: Interval, newsroom: Newsroom) -> str:
    """Return what Stripe's page and the receipt call the support."""
    titles = {
        Interval.once: _("Support for %(newsroom)s", newsroom=newsroom.name),
        Interval.month: _("Monthly support for %(newsroom)s", newsroom=newsroom.name),
        Interval.year: _("Yearly support for %(newsroom)s", newsroom=newsroom.name),
    }
    return titles[interval]


def gift_in_words(amount: Money, interval: Interval, language: str) -> str:
    """Return `€5 every month`, `€25 once`."""
    text = in_a_sentence(amount, language)
    words = {
        Interval.once: _("%(amount)s once", amount=text),
        Interval.month: _("%(amount)s every month", amount=text),
        Interval.year: _("%(amount)s every year", amount=text),
    }
    return words[interval]


def months_in_words(months: int) -> str:
    """Return `1 month`, `6 months`."""
    return str(ngettext("%(num)s month", "%(num)s months", months))


def currency_choice(code: str, language: str) -> CurrencyChoice:
    """Return a currency by its name in a language."""
    name = get_currency_name(code.upper(), locale=language)
    return CurrencyChoice(
        code=code,
        name=name[:1].upper() + name[1:],
        symbol=get_currency_symbol(code.upper(), locale=language),
    )


def _panel(newsroom: Newsroom, currency: str, interval: Interval, *, language: str) -> Panel:
    labels = {
        Interval.once: _("Once"),
        Interval.month: _("Monthly"),
        Interval.year: _("Yearly"),
    }
    other_sentences = {
        Interval.once: _("You give the amount you type once. We send one receipt, and nothing repeats."),
        Interval.month: _(
            "You give the amount you type every month, until you stop. We send a receipt each time."
        ),
        Interval.year: _(
            "You give the amount you type every year, until you stop. We send a receipt each time."
        ),
    }
    suggested = newsroom.suggested(currency, interval)
    return Panel(
        interval=interval,
        label=labels[interval],
        tiles=[_tile(newsroom, amount, interval, language=language) for amount in suggested],
        other_sentence=other_sentences[interval],
        bounds=_(
            "From %(least)s to %(most)s",
            least=in_a_sentence(newsroom.least(currency, interval), language),
            most=in_a_sentence(newsroom.most(currency), language),
        ),
        fees_known=covered(newsroom, newsroom.most(currency), interval, language) is not None,
        instead=_instead(newsroom, newsroom.least(currency, interval), interval, language=language),
    )


def _tile(newsroom: Newsroom, amount: Money, interval: Interval, *, language: str) -> Tile:
    text = in_a_sentence(amount, language)
    sentences = {
        Interval.once: _("You give %(amount)s once. We send one receipt, and nothing repeats.", amount=text),
        Interval.month: _(
            "You give %(amount)s every month, until you stop. We send a receipt each time.", amount=text
        ),
        Interval.year: _(
            "You give %(amount)s every year, until you stop. We send a receipt each time.", amount=text
        ),
    }
    return Tile(
        value=amount.plain(),
        text=format_money(amount, language),
        sentence=sentences[interval],
        covered=covered(newsroom, amount, interval, language),
        instead=_instead(newsroom, amount, interval, language=language),
    )


def _instead(newsroom: Newsroom, amount: Money, interval: Interval, *, language: str) -> Instead | None:
    return instead_of_once(newsroom, amount, language) if interval is Interval.once else None
