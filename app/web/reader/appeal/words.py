"""All that the appeal says and offers in one language, as the script and the frame need it."""

import re
from typing import Any

from app.access import parts
from app.kernel.formatting import format_money
from app.kernel.intervals import Interval
from app.web.languages import borrows_words, direction_of
from app.web.languages import translate as _
from app.web.reader.offer import CHOSEN_AT_FIRST, Panel, offer_in
from config.newsroom import Newsroom

_EMPTY_LINE = re.compile(r"\n\s*\n")
ORDER = (Interval.once, Interval.month, Interval.year)


def words_in(language: str) -> dict[str, Any]:
    """Return the words, fit for JSON; the request must be speaking this language."""
    newsroom = parts().newsroom
    currency = newsroom.default_currency
    panels = offer_in(newsroom, currency, language).panels
    return {
        "language": language,
        "languages": newsroom.languages,
        "direction": direction_of(language),
        "borrowed": borrows_words(language),
        "weeks": newsroom.appeal.quiet_weeks,
        "currency": currency,
        "variants": {key: _variant(newsroom, key, language) for key in newsroom.appeal.variant_keys},
        "intervals": [_interval(panels[interval]) for interval in ORDER],
        "chosen": ORDER.index(CHOSEN_AT_FIRST),
        "say": _say(newsroom),
    }


def _variant(newsroom: Newsroom, key: str, language: str) -> dict[str, Any]:
    least = format_money(newsroom.least(newsroom.default_currency, Interval.month), language)
    words = newsroom.appeal.words_of(key, language)
    heading, text, more = (
        said.replace("{minimum}", f"\u2068{least}\u2069") for said in (words.heading, words.text, words.more)
    )
    return {"heading": heading, "text": _paragraphs(text), "more": _paragraphs(more)}


def _paragraphs(text: str) -> list[str]:
    return [paragraph.strip() for paragraph in _EMPTY_LINE.split(text) if paragraph.strip()]


def _interval(panel: Panel) -> dict[str, Any]:
    values = [tile.value for tile in panel.tiles]
    return {
        "key": panel.interval.value,
        "label": panel.label,
        "amounts": [[tile.value, tile.text] for tile in panel.tiles],
        "chosen": values.index(panel.chosen_at_first) if panel.chosen_at_first in values else len(values),
    }


def _say(newsroom: Newsroom) -> dict[str, str]:
    return {
        "often": _("How often?"),
        "much": _("How much?"),
        "other": _("Other"),
        "go": _("Continue"),
        "more": _("Read more"),
        "later": _("Remind me later"),
        "close": _("Not now"),
        "already": _("I already give"),
        "open": _("Support us"),
        "closed": _("Very well. We will not ask here again for some weeks."),
        "thanks": _(
            "Thank you for supporting %(newsroom)s. We will not ask here again.", newsroom=newsroom.name
        ),
    }
