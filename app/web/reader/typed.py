"""What stands on the form: prefilled by the address, or typed by the reader and sent."""

from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from app.giving.forms import CAMPAIGN
from app.giving.models import NoteKind
from app.giving.rules import check_bounds
from app.kernel.errors import BadInput
from app.kernel.intervals import Interval
from app.kernel.money import Money, parse_money
from app.web.reader.offer import CHOSEN_AT_FIRST, OTHER
from config.newsroom import Newsroom


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One state of the form, as text; hashable."""

    interval: Interval
    currency: str
    amount: str | None
    """The main-unit number of a tile, OTHER, or None where the newsroom's first choice stands."""
    other_amount: str = ""
    email: str = ""
    name: str = ""
    campaign: str | None = None
    variant: str | None = None
    """Of the appeal that led here."""
    covers_fees: bool = False
    asks_for_mail: bool = False
    """One mail with a link, if it is not finished."""
    note_kind: NoteKind = NoteKind.word
    note: str = ""

    def in_currency(self, currency: str) -> "Typed":
        """Return the form in another currency: a tile's number means nothing there."""
        return replace(self, currency=currency, amount=OTHER if self.amount == OTHER else None)

    def monthly(self, amount: str, newsroom: Newsroom) -> "Typed":
        """Return the form with a monthly amount instead of what was chosen."""
        return with_amount(replace(self, interval=Interval.month, amount=None), amount, newsroom)


def typed_in_address(query: MultiDict[str, str], newsroom: Newsroom, *, remembered: str) -> Typed:
    """Return the form that an address asks for; whatever in it is of no use is passed over.

    The frame of the appeal sends `amount_once`, `amount_month` and `amount_year`, as the form itself does.

    Args: remembered: the currency where the address names none.
    """
    interval = known_interval(query.get("interval", ""))
    currency = known_currency(query.get("currency", ""), newsroom)
    typed = Typed(
        interval=interval or CHOSEN_AT_FIRST,
        currency=currency or remembered,
        amount=None,
        campaign=known_campaign(query.get("campaign", "")),
        variant=known_variant(query.get("variant", ""), newsroom),
    )
    amount = query.get("amount") or query.get(f"amount_{typed.interval}", "")
    return with_amount(typed, amount, newsroom)


def with_amount(typed: Typed, text: str, newsroom: Newsroom) -> Typed:
    """Return the form with an amount on it, as a tile where there is one; bad text is passed over."""
    if text == OTHER:
        return replace(typed, amount=OTHER)
    try:
        amount = check_bounds(newsroom, parse_money(text, typed.currency), typed.interval)
    except BadInput:
        return typed
    return with_money(typed, amount, newsroom)


def with_money(typed: Typed, amount: Money, newsroom: Newsroom) -> Typed:
    """Return the form with this amount on it."""
    if amount in newsroom.suggested(amount.currency, typed.interval):
        return replace(typed, amount=amount.plain())
    return replace(typed, amount=OTHER, other_amount=amount.plain())


def known_interval(text: str) -> Interval | None:
    """Return the interval of this name."""
    return Interval(text) if text in Interval.__members__ else None


def known_currency(text: str, newsroom: Newsroom) -> str | None:
    """Return the currency code, where the newsroom takes it."""
    return text.lower() if text.lower() in newsroom.currencies else None


def known_campaign(text: str) -> str | None:
    """Return a campaign's name, in lower case, where it can be one."""
    name = text.strip().lower()
    return name if CAMPAIGN.fullmatch(name) else None


def known_variant(text: str, newsroom: Newsroom) -> str | None:
    """Return the variant of the appeal's words, where the newsroom has it."""
    return text if text in newsroom.appeal.variant_keys else None
