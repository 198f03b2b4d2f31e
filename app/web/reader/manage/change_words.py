"""Why a support cannot be changed as it was chosen, and what can be done instead, in words."""

from app.access import parts
from app.flows.manage.support import Supported
from app.kernel.intervals import Interval
from app.web.languages import current_language
from app.web.languages import translate as _
from app.web.reader.amount_mistakes import how_to_write, least_in_words, most_in_words
from app.web.reader.manage.choices import Fields


def refusal_in_words(code: str, support: Supported, fields: Fields) -> str:
    """Return what to tell a reader whose choice cannot be carried out."""
    if code.startswith("amount_"):
        return _amount_in_words(code, support, fields)
    said = {
        "same": _("That is how it is already: nothing needs changing."),
        "overdue": _("A payment is open. Once it is paid, this can be changed, too."),
        "paused": _("Your support is paused: nothing is charged until the pause is over."),
        "too_far": _("That is more than two years ahead, further than we can plan. Choose something sooner."),
    }
    return said.get(code) or _("That is not on offer here. Please choose again.")


def _amount_in_words(code: str, support: Supported, fields: Fields) -> str:
    newsroom, language = parts().newsroom, current_language()
    currency = support.course.amount.currency
    interval = Interval(fields.get("interval", Interval.month))
    least = newsroom.least(currency, interval)
    if code == "amount_too_large":
        return most_in_words(newsroom.most(currency), newsroom.contact_address, language)
    if code == "amount_too_small":
        return least_in_words(least, interval, language)
    return how_to_write(least)
