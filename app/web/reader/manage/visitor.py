"""Who is signed in: the cookie, the check of forms, and `@signed_in` before a view."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.access import parts
from app.flows.sign_in import find_signed_in
from app.kernel.clock import utc_now
from app.signing_in.sessions import form_token, is_form_token
from app.web.languages import speak
from app.web.reader.manage.wished import this_page
from app.web.reader.private import PRIVATE

COOKIE = "reader"
COOKIE_PATH = "/manage"
FORM_TOKEN = "form_token"  # noqa: S105 (a field's name)
LONGEST_KEY = 64
OTHER_SITES = ("cross-site", "same-site")
View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """The member who is signed in in this browser."""

    member_id: UUID
    language: str
    """The language on record; the page may be asked for another."""
    form_token: str = field(repr=False)
    """For the hidden field `form_token` of every form."""


def signed_in(view: View) -> View:
    """Let only members who are signed in see a view, which is given a `Visitor` first.

    Others are led to the page that signs them in, and back afterwards. A form that was not shown to this
    session is refused with 400. Whatever the view answers is kept by no cache and found by no search.
    """

    @wraps(view)
    def answer(**values: Any) -> ResponseReturnValue:
        visitor = find_visitor()
        if visitor is None:
            language = request.args.get("lang")
            return private(redirect(url_for("reader.show_sign_in", lang=language, next=this_page()), 303))
        speak(visitor.language)
        if request.method == "POST":
            _check_form()
        return private(make_response(view(visitor, **values)))

    return answer


def find_visitor() -> Visitor | None:
    """Return who is signed in in this browser."""
    key = session_key()
    member = find_signed_in(parts(), key, now=utc_now()) if key else None
    if member is None:
        return None
    return Visitor(member_id=member.id, language=member.language, form_token=form_token(key))


def session_key() -> str:
    """Return the key in the browser's cookie, empty without one."""
    key = request.cookies.get(COOKIE, "")
    return key if len(key) <= LONGEST_KEY else ""


def set_cookie(response: AnyResponse, key: str) -> None:
    """Give the browser its key: for this host and these pages, unseen by scripts, gone when it closes."""
    response.set_cookie(
        COOKIE,
        key,
        path=COOKIE_PATH,
        httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        samesite="Lax",
    )


def drop_cookie(response: AnyResponse) -> None:
    """Have the browser forget its key."""
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="Lax")


def refuse_other_sites() -> None:
    """Refuse a form that another site's page sent, so that none signs a reader in as somebody else."""
    if request.headers.get("Sec-Fetch-Site") in OTHER_SITES:
        abort(400)


def _check_form() -> None:
    refuse_other_sites()
    if not is_form_token(session_key(), request.form.get(FORM_TOKEN, "")):
        abort(400)


def private(response: AnyResponse) -> AnyResponse:
    """Return an answer that no cache keeps and no search engine lists."""
    response.headers.update(PRIVATE)
    return response


def member_page(template: str, visitor: Visitor, status: int = 200, **values: Any) -> Response:
    """Return a page for a member; its template extends `reader/manage/signed_in.html`."""
    return Response(render_template(template, visitor=visitor, **values), status, headers=PRIVATE)
