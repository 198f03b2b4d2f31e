"""Remind me: the form, and the pages behind the link that confirms or stops it."""

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.access import parts
from app.flows.limits import TooOftenAsked
from app.flows.remind import (
    ReminderPicture,
    ask_reminder,
    confirm_reminder,
    look_at_reminder,
    stop_reminder,
)
from app.giving.rules import tidy_line
from app.kernel.clock import utc_now
from app.kernel.money import Money, parse_money
from app.reminders.waiting import Wish
from app.vault.addresses import AddressNotUsable, check_address
from app.web.languages import current_language, speak
from app.web.languages import translate as _
from app.web.reader.address_mistakes import no_such_address
from app.web.reader.form_page import form_address
from app.web.reader.manage.presses import take_press
from app.web.reader.network import network_of_request
from app.web.reader.offer import OTHER, gift_in_words, offer_in
from app.web.reader.private import PRIVATE
from app.web.reader.typed import Typed, typed_in_address

PATH = "/reminders"


def show_reminder_form() -> Response:
    """Show the form; what was chosen under the article is in the address, and goes on with it."""
    return _form(_typed(request.args))


def ask_for_reminder() -> ResponseReturnValue:
    """Take an address and mail its link. The answer is the same for every address that mail can reach."""
    typed = _typed(request.form)
    address = tidy_line(request.form.get("email", ""))
    try:
        checked = check_address(address)
    except AddressNotUsable:
        return _form(typed, email=address, wrong=_what_is_wrong(address))
    try:
        ask_reminder(parts(), checked, _wish(typed), network=network_of_request(), now=utc_now())
    except TooOftenAsked:
        abort(429)
    return _page("reader/reminders/asked.html", website=parts().newsroom.website)


def show_reminder(token: str) -> Response:
    """Show what the reminder will be about, and the buttons; opening it changes nothing."""
    return _reminder(look_at_reminder(parts(), token), token)


def press_reminder(token: str) -> Response:
    """Confirm the reminder."""
    take_press(token)
    return _reminder(confirm_reminder(parts(), token, now=utc_now()), token)


def show_stop(token: str) -> Response:
    """Show the button that deletes reminder and address."""
    picture = look_at_reminder(parts(), token)
    return _reminder(picture, token, stops=picture is not None)


def stop(token: str) -> Response:
    """Delete reminder and address; mail programs post here by themselves when told to (RFC 8058)."""
    stop_reminder(parts(), token)
    return _reminder(None, token)


def _typed(query: MultiDict[str, str]) -> Typed:
    newsroom = parts().newsroom
    return typed_in_address(query, newsroom, remembered=newsroom.default_currency)


def _what_is_wrong(address: str) -> str:
    if not address:
        return _("Type your e-mail address: the reminder goes there.")
    return no_such_address()


def _wish(typed: Typed) -> Wish:
    return Wish(
        amount=_amount(typed),
        currency=typed.currency,
        interval=typed.interval,
        campaign=typed.campaign,
        language=current_language(),
    )


def _amount(typed: Typed) -> Money | None:
    """Return the amount on the form; None where the reader left it for later."""
    text = typed.other_amount if typed.amount == OTHER else typed.amount
    return parse_money(text, typed.currency) if text else None


def _form(typed: Typed, *, email: str = "", wrong: str = "") -> Response:
    amount, language = _amount(typed), current_language()
    return _page(
        "reader/reminders/form.html",
        422 if wrong else 200,
        typed=typed,
        amount=amount.plain() if amount else "",
        gift=gift_in_words(amount, typed.interval, language) if amount else "",
        label=offer_in(parts().newsroom, typed.currency, language).panels[typed.interval].label,
        email=email,
        wrong=wrong,
        form_address=form_address(typed),
        this_address=form_address(typed).replace("/support", PATH, 1),
    )


def _reminder(picture: ReminderPicture | None, token: str, *, stops: bool = False) -> Response:
    if picture:
        speak(picture.wish.language)
    wish = picture.wish if picture else None
    gift = ""
    if wish and wish.amount:
        gift = gift_in_words(wish.amount, wish.interval, current_language())
    return _page("reader/reminders/reminder.html", picture=picture, gift=gift, token=token, stops=stops)


def _page(template: str, status: int = 200, **words: object) -> Response:
    page = render_template(template, **words)
    return Response(page, status, headers=PRIVATE)
