"""The form: shown, sent, and brought back where something is wrong."""

import structlog
from flask import Response, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.give import pledge_support
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.stripe_gateway.errors import StripeRefused
from app.web.errors import DATABASE_AWAY, RETRY_AFTER_SECONDS
from app.web.languages import current_language
from app.web.languages import translate as _
from app.web.reader.form import SupportForm
from app.web.reader.form_page import draw_form, find_mistakes, fresh_form
from app.web.reader.offer import title_of
from app.web.reader.onward import onward
from app.web.reader.typed import known_currency, typed_in_address

_log = structlog.get_logger()

READERS_TO_MEND = frozenset({"amount_too_small", "amount_too_large", "email_invalid"})
"""Stripe's refusals that another amount or address would mend; the others are ours."""


def show_form() -> Response:
    """Show the form, prefilled by the address; asks neither the database nor Stripe."""
    typed = typed_in_address(request.args, parts().newsroom)
    page = fresh_form(typed)
    values = {"nonce": new_nonce(), "campaign": typed.campaign or ""}
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(page.fill_gzipped(values) if zipped else page.fill(values))
    # Not no-store: coming back from Stripe by the browser's button must find the same nonce again.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Language, Accept-Encoding"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


def send_form() -> ResponseReturnValue:
    """Open Stripe's page for what was agreed, or bring the form back with what to do."""
    newsroom = parts().newsroom
    form = SupportForm(request.form, newsroom, language=current_language())
    other_currency = known_currency(request.form.get("change_currency", ""), newsroom)
    if other_currency:
        # Sent and not linked to, so that an address typed meanwhile is kept and stands in no log.
        return _again(draw_form(form.typed().in_currency(other_currency), nonce=form.usable_nonce), 200)
    if not form.validate():
        typed = form.typed()
        mistakes = find_mistakes(form.wrong, typed)
        return _again(draw_form(typed, nonce=form.usable_nonce, mistakes=mistakes), 422)
    return _pledge(form)


def _pledge(form: SupportForm) -> ResponseReturnValue:
    promised = form.pledge()
    title = title_of(promised.interval, parts().newsroom)
    try:
        return onward(pledge_support(parts(), promised, title=title, now=utc_now()))
    except StripeRefused as refused:
        return _refused(form, refused.code)
    except DATABASE_AWAY as away:
        _log.error("could not store a pledge", exc_info=away)
        notice = _(
            "We could not keep your form just now. Nothing was charged. "
            "All you typed is here: please send it again in a minute."
        )
        response = _again(draw_form(form.typed(), nonce=form.usable_nonce, notice=notice), 503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response


def _refused(form: SupportForm, code: str) -> Response:
    """Return the form under a new nonce: under the old one Stripe would repeat its refusal."""
    theirs = code in READERS_TO_MEND
    notice = _(
        "Our payment service, Stripe, did not accept this. Nothing was charged. "
        "Please look at the amount and the e-mail address, or try another currency."
    )
    if not theirs:
        _log.error("stripe refused a checkout", code=code)
        notice = _(
            "Our payment service, Stripe, did not take this, and it is not your doing. Nothing was charged. "
            "Please try again later, or write to us."
        )
    return _again(draw_form(form.typed(), nonce=new_nonce(), notice=notice), 422 if theirs else 502)


def _again(page: str, status: int) -> Response:
    """Return the form with a person's words on it: no cache may keep them."""
    return Response(page, status, headers={"Cache-Control": "no-store"})
