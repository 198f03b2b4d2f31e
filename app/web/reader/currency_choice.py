"""The currency a reader chose, remembered by their own browser: a cookie with three letters in it.

It is set only by a press on another currency, read by the form alone, and taken back by the press that
returns to the newsroom's first. See docs/adr: currency-is-remembered.
"""

import re

from flask import Response

from app.access import parts
from config.newsroom import Newsroom

COOKIE = "currency"
PATH = "/support"
DAYS = 180
_SECONDS_A_DAY = 86_400
_CHOSEN = re.compile(rf"(?:^|;\s*){COOKIE}=([a-z]{{3}})(?:;|$)")
_LONGEST_HEADER = 4096


def remembered_currency(cookies: str, newsroom: Newsroom) -> str | None:
    """Return the currency in a `Cookie` header, where it is one the newsroom takes.

    Read by hand: taking all cookies apart costs as much as the rest of the answer.
    """
    found = _CHOSEN.search(cookies) if len(cookies) <= _LONGEST_HEADER else None
    return found[1] if found and found[1] in newsroom.currencies else None


def remember_currency(response: Response, currency: str, newsroom: Newsroom) -> Response:
    """Let the browser remember a choice; the newsroom's first currency needs no remembering."""
    is_secure = parts().public_base_url.startswith("https://")
    response.set_cookie(
        COOKIE,
        currency,
        max_age=0 if currency == newsroom.default_currency else DAYS * _SECONDS_A_DAY,
        path=PATH,
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response
