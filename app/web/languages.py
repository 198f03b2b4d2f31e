"""Which language a page speaks, and which way its lines run.

The choice is `lang` in the address or the form, then the browser's, then the newsroom's first.
It is never kept in a cookie: links and forms carry it.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import flask_babel
from babel import Locale
from flask import Flask, g, has_request_context, request
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from app.access import parts, parts_of
from app.kernel.formatting import format_day, format_money

LONGEST_HEADER = 200
"""A longer Accept-Language is nobody's; ignoring it keeps the memory of choices small."""
FORM_ADDRESS = "/support"
SOURCE_LANGUAGE = "en"
"""The language the words in the code are written in; it needs no catalogue."""
CATALOGUES = Path(__file__).resolve().parents[1] / "translations"


def init_app(app: Flask) -> None:
    """Let pages speak the newsroom's languages."""
    default = parts_of(app).newsroom.default_language
    flask_babel.Babel(app, default_locale=default, locale_selector=current_language)
    app.context_processor(_words_for_templates)
    app.jinja_env.globals["language_links"] = language_links
    app.jinja_env.filters["money"] = lambda money: format_money(money, current_language())
    app.jinja_env.filters["day"] = lambda day: format_day(day, current_language())


def translate(words: str, **values: object) -> str:
    """Return our own words in the language of this request; imported as `_`, by which they are collected."""
    return str(flask_babel.gettext(words, **values))


def current_language() -> str:
    """Return the language of this request's answer, one of the newsroom's."""
    spoken = tuple(parts().newsroom.languages)
    if not has_request_context():
        return spoken[0]
    return g.get("language") or choose_language(
        _asked_language(), request.headers.get("Accept-Language", ""), spoken
    )


@lru_cache(maxsize=512)
def choose_language(asked: str | None, header: str, spoken: tuple[str, ...]) -> str:
    """Return the first of: what was asked for, what the browser prefers, the newsroom's default."""
    if asked in spoken:
        return asked
    if len(header) > LONGEST_HEADER:
        return spoken[0]
    return parse_accept_header(header, LanguageAccept).best_match(spoken) or spoken[0]


def speak(language: str) -> None:
    """Answer in the language of a pledge, unless the address asks for another."""
    if not _asked_language() and language in parts().newsroom.languages:
        speak_only(language)


def speak_only(language: str) -> None:
    """Answer in this language, whatever the address and the browser say."""
    g.language = language
    flask_babel.refresh()


def direction_of(language: str) -> str:
    """Return `ltr` or `rtl`."""
    return Locale.parse(language).text_direction


def language_links(address: str | None = None) -> list[dict[str, Any]]:
    """Return the newsroom's languages by their own names, each with this page's address in it.

    Args: address: a page's address with a query in it, where it is not the one being asked for.
    """
    here = address or _this_page()
    current = current_language()
    return [
        {
            "code": code,
            "name": _own_name(code),
            "address": f"{here}lang={code}",
            "current": code == current,
        }
        for code in parts().newsroom.languages
    ]


@lru_cache(maxsize=64)
def _own_name(code: str) -> str:
    return (Locale.parse(code).get_display_name(code) or code).capitalize()


def _this_page() -> str:
    if request.method not in ("GET", "HEAD"):
        return f"{FORM_ADDRESS}?"
    kept = urlencode([(name, value) for name, value in request.args.items(multi=True) if name != "lang"])
    path = quote(request.path)
    return f"{path}?{kept}&" if kept else f"{path}?"


def _asked_language() -> str | None:
    asked = request.args.get("lang")
    if asked or request.method != "POST":
        return asked
    try:
        return request.form.get("lang")
    except (HTTPException, ParseException, NoMoreData):
        return None  # a form that cannot be read is being refused: that page needs a language as well


@lru_cache(maxsize=64)
def borrows_words(language: str) -> bool:
    """Whether our own words come in English, because the language has no catalogue."""
    return language != SOURCE_LANGUAGE and not (CATALOGUES / language).is_dir()


def _words_for_templates() -> dict[str, Any]:
    language = current_language()
    return {
        "language": language,
        "direction": direction_of(language),
        "borrowed": borrows_words(language),
        "newsroom": parts().newsroom,
    }
