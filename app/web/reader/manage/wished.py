"""The page a reader wished for before they had to sign in; one of ours, never another site's."""

import re

from flask import request, url_for

from app.web.languages import current_language

NEXT = "next"
_OURS = re.compile(r"/manage(?:/[A-Za-z0-9_-]+)+")
_LONGEST = 120
_NOWHERE = ("/manage/sign-in", "/manage/sign-out", "/manage/signed-out", "/manage/erased")


def wished_page() -> str:
    """Return the page named by a form or an address, empty where it is none of a member's."""
    return _checked(request.values.get(NEXT, ""))


def this_page() -> str | None:
    """Return this page as one to come back to; None where it cannot be asked for by its address alone."""
    return _checked(request.path) or None if request.method == "GET" else None


def page_after_sign_in() -> str:
    """Return the address to go to: the wished page, or the members' first."""
    language = request.form.get("lang")
    if not wished_page():
        return url_for("reader.show_home", lang=language)
    return f"{wished_page()}?lang={current_language()}" if language else wished_page()


def _checked(path: str) -> str:
    is_ours = len(path) <= _LONGEST and _OURS.fullmatch(path) and not path.startswith(_NOWHERE)
    return path if is_ours else ""
