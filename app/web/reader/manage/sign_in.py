"""The pages that sign a member in: ask for a mail, press its button or type its code; and sign out."""

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.access import parts
from app.flows.limits import TooOftenAsked
from app.flows.sign_in import (
    Asking,
    ask_to_sign_in,
    is_link_good,
    sign_in_by_code,
    sign_in_by_link,
    sign_out,
    sign_out_everywhere,
)
from app.kernel.clock import utc_now
from app.vault.addresses import LONGEST_ADDRESS, AddressNotUsable, check_address
from app.web.languages import current_language
from app.web.reader.address_mistakes import no_such_address
from app.web.reader.manage.even_time import even_time
from app.web.reader.manage.visitor import (
    Visitor,
    drop_cookie,
    find_visitor,
    private,
    refuse_other_sites,
    session_key,
    set_cookie,
    signed_in,
)
from app.web.reader.manage.wished import page_after_sign_in, wished_page
from app.web.reader.network import network_of_request

LONGEST_CODE = 32


def show_sign_in() -> ResponseReturnValue:
    """Ask for the address to mail a link to; whoever is signed in is led on."""
    if find_visitor():
        return private(redirect(url_for("reader.show_home", lang=request.args.get("lang")), 303))
    return _page("reader/manage/sign_in.html")


def send_sign_in() -> ResponseReturnValue:
    """Answer every address the same, in bytes and in time."""
    refuse_other_sites()
    try:
        asking = _asking()
    except AddressNotUsable:
        return _page("reader/manage/sign_in.html", 422, email=_typed("email"), wrong=no_such_address())
    with even_time():
        _ask(asking)
    language, wished = request.form.get("lang"), wished_page() or None
    return private(redirect(url_for("reader.show_code", lang=language, next=wished), 303))


def show_code() -> ResponseReturnValue:
    """Say that a mail is on its way, and ask for its code."""
    return _page("reader/manage/code.html")


def send_code() -> ResponseReturnValue:
    """Sign in by a code; a wrong one and an unknown address are answered the same."""
    refuse_other_sites()
    key = None
    with even_time():
        key = _use_code()
    if key:
        return _signed_in(key)
    return _page("reader/manage/code.html", 422, email=_typed("email"), is_wrong=True)


def show_link(token: str) -> ResponseReturnValue:
    """Show the button; opening a link changes nothing, for mail scanners open links, too."""
    if not is_link_good(parts(), token, now=utc_now()):
        return _page("reader/manage/link_over.html", 410)
    return _page("reader/manage/link.html", token=token)


def use_link(token: str) -> ResponseReturnValue:
    """Sign in by a link, once."""
    refuse_other_sites()
    key = sign_in_by_link(parts(), token, now=utc_now())
    return _signed_in(key) if key else _page("reader/manage/link_over.html", 410)


@signed_in
def go_out(visitor: Visitor) -> ResponseReturnValue:
    """Sign out here, or everywhere."""
    if request.form.get("where") == "everywhere":
        sign_out_everywhere(parts(), visitor.member_id)
    else:
        sign_out(parts(), session_key())
    response = redirect(url_for("reader.show_signed_out", lang=request.form.get("lang")), 303)
    drop_cookie(response)
    return response


def show_signed_out() -> ResponseReturnValue:
    """Say that nobody is signed in here any more."""
    return _page("reader/manage/signed_out.html")


def _ask(asking: Asking) -> None:
    try:
        ask_to_sign_in(parts(), asking, language=current_language(), now=utc_now())
    except TooOftenAsked:
        abort(429)


def _use_code() -> str | None:
    try:
        return sign_in_by_code(parts(), _asking(), _typed("code")[:LONGEST_CODE], now=utc_now())
    except AddressNotUsable:
        return None
    except TooOftenAsked:
        abort(429)


def _asking() -> Asking:
    return Asking(
        address=check_address(_typed("email")[:LONGEST_ADDRESS]),
        network=network_of_request(),
        next_page=wished_page(),
    )


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()


def _signed_in(key: str) -> AnyResponse:
    """Lead to the page that was wished for, with a fresh key; the browser's former session ends."""
    if session_key():
        sign_out(parts(), session_key())
    response = private(redirect(page_after_sign_in(), 303))
    set_cookie(response, key)
    return response


def _page(template: str, status: int = 200, **values: object) -> AnyResponse:
    return private(
        Response(render_template(template, **{"email": "", "next_page": wished_page(), **values}), status)
    )
