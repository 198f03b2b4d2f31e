"""The form: shown, sent, and brought back where something is wrong."""

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.give import pledge_support
from app.giving.forms import PledgeForm
from app.giving.pledges import Said
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.web.languages import current_language
from app.web.reader.currency_choice import remember_currency, remembered_currency
from app.web.reader.extras import covered, covered_at_stripe
from app.web.reader.form import SupportForm
from app.web.reader.form_page import draw_form, find_mistakes, fresh_form
from app.web.reader.holed_page import HoledPage
from app.web.reader.offer import title_of
from app.web.reader.sending import again, send_on
from app.web.reader.typed import known_currency, typed_in_address

FORMS_ASKED_FOR = "small_favor_forms_asked_for"
MOST_REMEMBERED = 256
LONGEST_REMEMBERED = 300
HEADERS = (
    # Not no-store, which would forbid a browser to show the page again as it was, nonce and all, to a reader
    # who comes back from Stripe by the browser's own button. Many do so and none must: a form that is loaded
    # anew has another nonce, and what is sent with it is another pledge.
    ("Cache-Control", "private, no-cache"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("Vary", "Accept-Language, Accept-Encoding, Cookie"),
)
HEADERS_GZIPPED = (*HEADERS, ("Content-Encoding", "gzip"))


def show_form() -> Response:
    """Show the form, prefilled by the address; asks neither the database nor Stripe."""
    page, campaign = _form_asked_for()
    values = {"nonce": new_nonce(), "campaign": campaign or ""}
    if "gzip" in request.environ.get("HTTP_ACCEPT_ENCODING", ""):
        return Response(page.fill_gzipped(values), headers=HEADERS_GZIPPED)
    return Response(page.fill(values), headers=HEADERS)


def _form_asked_for() -> tuple[HoledPage, str | None]:
    """Return the drawn form that an address, a browser's languages and a remembered currency lead to.

    Remembered by the request's own text, because reading an address costs as much as all the rest.
    """
    newsroom, environ = parts().newsroom, request.environ
    remembered = remembered_currency(environ.get("HTTP_COOKIE", ""), newsroom) or newsroom.default_currency
    asked = (environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT_LANGUAGE", ""), remembered)
    known: dict[tuple[str, ...], tuple[HoledPage, str | None]]
    known = current_app.extensions.setdefault(FORMS_ASKED_FOR, {})
    found = known.get(asked)
    if found is None:
        typed = typed_in_address(request.args, newsroom, remembered=remembered)
        found = fresh_form(typed), typed.campaign
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        if sum(map(len, asked)) <= LONGEST_REMEMBERED:
            known[asked] = found
    return found


def send_form() -> ResponseReturnValue:
    """Open Stripe's page for what was agreed, or bring the form back with what to do."""
    newsroom = parts().newsroom
    form = SupportForm(request.form, newsroom, language=current_language())
    if "instead" in request.form:
        typed = form.typed().monthly(request.form["instead"], newsroom)
        return again(draw_form(typed, nonce=form.usable_nonce), 200)
    other_currency = known_currency(request.form.get("change_currency", ""), newsroom)
    if other_currency:
        # Sent and not linked to, so that an address typed meanwhile is kept and stands in no log.
        page = draw_form(form.typed().in_currency(other_currency), nonce=form.usable_nonce)
        return remember_currency(again(page, 200), other_currency, newsroom)
    if not form.validate():
        typed = form.typed()
        mistakes = find_mistakes(form.wrong, typed)
        return again(draw_form(typed, nonce=form.usable_nonce, mistakes=mistakes), 422)
    return _show_total(form) if form.find_unseen_total() else _pledge(form)


def _show_total(form: SupportForm) -> Response:
    """Show what a typed amount comes to with the fees covered: the next press agrees to just that."""
    promised = form.pledge()
    total = covered(parts().newsroom, promised.amount, promised.interval, current_language())
    return again(draw_form(form.typed(), nonce=form.usable_nonce, total=total), 200)


def _pledge(form: SupportForm) -> ResponseReturnValue:
    promised = form.pledge()
    return send_on(
        lambda: pledge_support(parts(), promised, said=_said(promised), now=utc_now()),
        lambda notice, anew: draw_form(
            form.typed(), nonce=new_nonce() if anew else form.usable_nonce, notice=notice
        ),
    )


def _said(promised: PledgeForm) -> Said:
    """Return what Stripe's page says of the pledge."""
    newsroom = parts().newsroom
    total = promised.total
    return Said(
        title=title_of(promised.interval, newsroom),
        agreed=covered_at_stripe(newsroom, promised.amount, total, current_language()) if total else None,
    )
