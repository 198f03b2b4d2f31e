"""Draws the form: once for each way it may be prefilled, then again and again from memory."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import current_app, render_template

from app.access import parts
from app.giving.forms import LONGEST_NOTE
from app.giving.models import NoteKind
from app.kernel.intervals import Interval
from app.web.languages import FORM_ADDRESS, current_language
from app.web.languages import translate as _
from app.web.reader.extras import Covered
from app.web.reader.holed_page import HoledPage, hole
from app.web.reader.offer import OTHER, offer_in
from app.web.reader.typed import Typed

DRAWN_FORMS = "small_favor_drawn_forms"
MOST_DRAWN = 256
"""Far more than the suggested amounts of all languages; typed amounts in addresses make the rest."""


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """What is wrong with one field: `anchor` is the id to jump to."""

    field: str
    anchor: str
    message: str


def fresh_form(typed: Typed) -> HoledPage:
    """Return the form as an address prefills it, with holes for `nonce` and, where named, `campaign`."""
    if typed.campaign:
        typed = replace(typed, campaign=hole("campaign"))
    drawn: dict[tuple[str, Typed], HoledPage] = current_app.extensions.setdefault(DRAWN_FORMS, {})
    key = (current_language(), typed)
    page = drawn.get(key)
    if page is None:
        if len(drawn) >= MOST_DRAWN:
            drawn.clear()
        page = drawn[key] = HoledPage(draw_form(typed, nonce=hole("nonce")))
    return page


def draw_form(
    typed: Typed,
    *,
    nonce: str,
    mistakes: tuple[Mistake, ...] = (),
    notice: str | None = None,
    total: Covered | None = None,
) -> str:
    """Return the form's page as HTML; `total` is what a typed amount comes to with the fees covered."""
    newsroom, language = parts().newsroom, current_language()
    return render_template(
        "reader/support.html",
        offer=offer_in(newsroom, typed.currency, language),
        typed=typed,
        nonce=nonce,
        mistakes=mistakes,
        messages={mistake.field: mistake.message for mistake in mistakes},
        notice=notice,
        total=total,
        longest_note=LONGEST_NOTE,
        note_kinds=_note_kinds(),
        minimum=newsroom.least(typed.currency, Interval.month),
        this_address=form_address(typed),
    )


def _note_kinds() -> dict[NoteKind, str]:
    return {
        NoteKind.word: _("A word to the newsroom"),
        NoteKind.honour: _("In honour of somebody"),
        NoteKind.memory: _("In memory of somebody"),
    }


def form_address(typed: Typed) -> str:
    """Return the address of the form prefilled so, open for one more parameter; never with a person in it."""
    amount = typed.other_amount if typed.amount == OTHER else typed.amount
    wanted = {
        "interval": typed.interval.value,
        "currency": typed.currency,
        "amount": amount or "",
        "campaign": typed.campaign or "",
        "variant": typed.variant or "",
    }
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{FORM_ADDRESS}?{query}&"


def find_mistakes(wrong: dict[str, str], typed: Typed) -> tuple[Mistake, ...]:
    """Return the form's mistakes in the page's order, each with the place to mend it."""
    anchors = {
        "nonce": "send",
        "interval": f"interval-{typed.interval}",
        "amount": "other-amount" if typed.amount == OTHER else f"amount-{typed.interval}-1",
        "currency": "currency",
        "email": "email",
        "name": "name",
        "note": "note",
    }
    return tuple(
        Mistake(field=field, anchor=anchor, message=wrong[field])
        for field, anchor in anchors.items()
        if field in wrong
    )
