"""What the pages behind our links have in common."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.declines import reason_in_words
from app.flows.links import LinkExpired, LinkKind
from app.flows.manage.again import mail_new_link
from app.flows.manage.picture import Picture
from app.kernel.clock import local_date, utc_now
from app.receipts.wording import method_in_words
from app.web.languages import current_language, speak
from app.web.reader.form_page import form_address
from app.web.reader.offer import gift_in_words
from app.web.reader.private import PRIVATE
from app.web.reader.typed import Typed, with_money

View = Callable[..., ResponseReturnValue]


def page(template: str, picture: Picture, status: int = 200, **values: Any) -> Response:
    """Return a page about one support, in its member's language, kept by no cache."""
    speak(picture.language)
    language = current_language()
    shown: dict[str, Any] = {
        "picture": picture,
        "gift": gift_in_words(picture.amount, picture.interval, language),
        "card": method_in_words(picture.method, language),
        "reason": reason_in_words(picture.invoice.reason, language) if picture.invoice else None,
        "form_address": _form_address(picture),
        "on": day_here,
    }
    return Response(render_template(template, **shown, **values), status, headers=PRIVATE)


def day_here(at: datetime) -> date:
    """Return the day of an instant where the newsroom is, as templates say it."""
    return local_date(at, parts().newsroom.zone)


def or_expired(kind: LinkKind) -> Callable[[View], View]:
    """Let a view answer an old link with what can be done about it."""

    def wrap(view: View) -> View:
        @wraps(view)
        def answer(token: str) -> ResponseReturnValue:
            try:
                return view(token)
            except LinkExpired:
                words = render_template("reader/manage/expired.html", kind=kind.value, token=token)
                return Response(words, 410, headers=PRIVATE)

        return answer

    return wrap


def send_new_link(kind: str, token: str) -> ResponseReturnValue:
    """Mail new links to the address on record, and to no other; says the same whatever is open."""
    mail_new_link(parts(), LinkKind(kind), token, now=utc_now())
    return Response(render_template("reader/manage/link_sent.html"), headers=PRIVATE)


def _form_address(picture: Picture) -> str:
    blank = Typed(interval=picture.interval, currency=picture.amount.currency, amount=None)
    return form_address(with_money(blank, picture.gift, parts().newsroom))
