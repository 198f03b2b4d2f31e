"""Giving a membership: the form, shown, sent, and brought back where something is wrong."""

from dataclasses import dataclass, replace

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.give import pledge_support
from app.gifts.rules import latest_day
from app.giving.fees import find_total
from app.giving.forms import LONGEST_NOTE, PledgeForm
from app.giving.pledges import Said
from app.kernel.clock import local_date, utc_now
from app.kernel.ids import new_nonce
from app.web.languages import current_language
from app.web.languages import translate as _
from app.web.reader.currency_choice import remember_currency, remembered_currency
from app.web.reader.extras import covered_at_stripe, in_a_sentence
from app.web.reader.form_page import Mistake
from app.web.reader.gift.form import GiftForm, GiftTyped
from app.web.reader.offer import currency_choice, months_in_words
from app.web.reader.private import PRIVATE
from app.web.reader.sending import again, send_on
from app.web.reader.typed import known_campaign
from config.gifts import GiftTerms

PATH = "/support/gift"
ANCHORS = {
    "nonce": "send",
    "months": "months-1",
    "currency": "currency",
    "recipient": "recipient",
    "send_on": "send-on",
    "words": "words",
    "email": "email",
    "name": "name",
}
"""The fields in the page's order, each with the place to mend it."""


@dataclass(frozen=True, kw_only=True)
class Length:
    """One length to choose."""

    months: int
    text: str
    price: str
    sentence: str
    """What choosing it means."""
    covered_offer: str
    covered_sentence: str
    """With the fees covered; empty where the newsroom names none."""


def show_gift_form() -> Response:
    """Show the form; asks neither the database nor Stripe."""
    terms, newsroom = _terms(), parts().newsroom
    asked = request.args.get("currency", "").lower()
    remembered = remembered_currency(request.environ.get("HTTP_COOKIE", ""), newsroom)
    currency = next((one for one in (asked, remembered) if one in terms.monthly), next(iter(terms.monthly)))
    months = next(
        (one for one in terms.months if str(one) == request.args.get("months")), _first_choice(terms)
    )
    typed = GiftTyped(
        months=months, currency=str(currency), campaign=known_campaign(request.args.get("campaign", ""))
    )
    return Response(_draw(typed, nonce=new_nonce()), headers=PRIVATE | {"Cache-Control": "private, no-cache"})


def send_gift_form() -> ResponseReturnValue:
    """Open Stripe's page for the gift, or bring the form back with what to do."""
    terms, newsroom = _terms(), parts().newsroom
    form = GiftForm(request.form, newsroom, language=current_language())
    other_currency = request.form.get("change_currency", "")
    if other_currency in terms.monthly:
        page = _draw(replace(form.typed(), currency=other_currency), nonce=form.usable_nonce)
        return remember_currency(again(page, 200), other_currency, newsroom)
    if not form.validate():
        return again(_draw(form.typed(), nonce=form.usable_nonce, wrong=form.wrong), 422)
    promised, wish = form.pledge(), form.wish()
    return send_on(
        lambda: pledge_support(
            parts(), promised, said=_said(promised, wish.months), gift=wish, now=utc_now()
        ),
        lambda notice, anew: _draw(
            form.typed(), nonce=new_nonce() if anew else form.usable_nonce, notice=notice
        ),
    )


def _terms() -> GiftTerms:
    terms = parts().newsroom.gifts
    if terms is None:
        abort(404)
    return terms


def _first_choice(terms: GiftTerms) -> int:
    """Return the length that is marked on a fresh form: the second, as with the amounts of support."""
    return terms.months[min(1, len(terms.months) - 1)]


def _said(promised: PledgeForm, months: int) -> Said:
    newsroom, total = parts().newsroom, promised.total
    title = _("A gift: %(months)s of %(newsroom)s", months=months_in_words(months), newsroom=newsroom.name)
    agreed = covered_at_stripe(newsroom, promised.amount, total, current_language()) if total else None
    return Said(title=title, agreed=agreed)


def _draw(
    typed: GiftTyped, *, nonce: str, wrong: dict[str, str] | None = None, notice: str | None = None
) -> str:
    terms, language = _terms(), current_language()
    wrong = wrong or {}
    today = local_date(utc_now(), parts().newsroom.zone)
    return render_template(
        "reader/gift/give.html",
        typed=typed,
        nonce=nonce,
        lengths=[_length(terms, months, typed.currency, language) for months in terms.months],
        currency=currency_choice(typed.currency, language),
        currencies=[currency_choice(code, language) for code in terms.monthly],
        mistakes=[
            Mistake(field=field, anchor=anchor, message=wrong[field])
            for field, anchor in ANCHORS.items()
            if field in wrong
        ],
        messages=wrong,
        notice=notice,
        longest=LONGEST_NOTE,
        first_day=today.isoformat(),
        last_day=latest_day(today).isoformat(),
        claim_months=months_in_words(terms.claim_months),
        this_address=f"{PATH}?months={typed.months}&currency={typed.currency}&",
    )


def _length(terms: GiftTerms, months: int, currency: str, language: str) -> Length:
    newsroom, price = parts().newsroom, terms.price(months, currency)
    total = find_total(newsroom, price)
    amount = in_a_sentence(price, language)
    said = {"amount": amount, "months": months_in_words(months)}
    offer = sentence = ""
    if total and total != price:
        fees = in_a_sentence(total - price, language)
        whole = in_a_sentence(total, language)
        offer = _(
            "%(total)s instead of %(gift)s: then the whole %(gift)s reaches us.", total=whole, gift=amount
        )
        sentence = _(
            "You pay %(total)s once for %(months)s: %(amount)s for us, %(fees)s for the fees. "
            "Nothing repeats.",
            total=whole,
            fees=fees,
            **said,
        )
    return Length(
        months=months,
        text=said["months"],
        price=amount,
        sentence=_("You pay %(amount)s once for %(months)s. Nothing repeats.", **said),
        covered_offer=offer,
        covered_sentence=sentence,
    )
