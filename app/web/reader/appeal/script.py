"""`/appeal.js`, with the words of one language in it, and the words of the others for it to fetch.

Both are the same for everybody: made once for each language, kept by caches, compressed once.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, current_app, request

from app.access import parts
from app.web.languages import speak_only
from app.web.reader.appeal.words import words_in
from app.web.static_files import FOLDER
from config.settings import BadSettings

SCRIPT = Path(__file__).parent / "appeal.js"
STYLE = FOLDER / "appeal.css"
CACHED = "public, max-age=300, stale-while-revalidate=86400"
"""Five minutes: so soon do words that the newsroom changed reach every site."""
BUDGET_BYTES = 6_000
"""What readers of articles pay for the script at most, compressed."""
JAVASCRIPT = "text/javascript; charset=utf-8"
_DRAWN = "small_favor_drawn_appeals"
_BOUNDARY = re.compile(r"\s*([{};,>])\s*|(:)\s+")
"""Not the blank before a colon, which may part a selector from a pseudo-class."""


class AppealTooLong(BadSettings):
    """The words of the appeal cost every reader of every article more than they may."""


@dataclass(frozen=True, slots=True)
class Served:
    """One answer's bytes."""

    content: bytes
    gzipped: bytes
    version: str


def init_app(app: Flask) -> None:
    """Refuse to start with words that are too long for the script; what is drawn for that is served later.

    Raises: AppealTooLong.
    """
    with app.test_request_context():
        for language in parts().newsroom.languages:
            size = len(_drawn(JAVASCRIPT, _draw_script, language).gzipped)
            if size > BUDGET_BYTES:
                raise AppealTooLong(
                    f"The newsroom's file: with its words in {language!r}, /appeal.js is {size:,} bytes "
                    f"compressed, {size - BUDGET_BYTES:,} more than the {BUDGET_BYTES:,} it may cost the "
                    "readers of an article. Shorten appeal.heading, appeal.text or appeal.more, or compare "
                    f"fewer than {len(parts().newsroom.appeal.variant_keys)} variants."
                )


def show_script() -> Response:
    """Serve the script with the words of `lang`, or of the newsroom's first language."""
    return _serve(JAVASCRIPT, _draw_script)


def show_words() -> Response:
    """Serve the words of `lang` alone, for a page that speaks another language than its script."""
    return _serve("application/json", _draw_words)


def _draw_script(language: str) -> str:
    script = squeeze_script(SCRIPT.read_text(encoding="utf-8"))
    style = json.dumps(squeeze_style(STYLE.read_text(encoding="utf-8")), ensure_ascii=False)
    return f"(()=>{{const STYLE={style},WORDS={_draw_words(language)};\n{script}}})();"


def _draw_words(language: str) -> str:
    return json.dumps(words_in(language), ensure_ascii=False, separators=(",", ":"))


def _serve(content_type: str, draw: Callable[[str], str]) -> Response:
    asked, languages = request.args.get("lang", ""), parts().newsroom.languages
    language = asked if asked in languages else languages[0]
    return _answer(_drawn(content_type, draw, language), content_type)


def _drawn(content_type: str, draw: Callable[[str], str], language: str) -> Served:
    """Return what is served in a language, drawn once for each process."""
    known: dict[tuple[str, str], Served] = current_app.extensions.setdefault(_DRAWN, {})
    served = known.get((content_type, language))
    if served is None:
        speak_only(language)
        served = known[content_type, language] = _made(draw(language))
    return served


def _made(text: str) -> Served:
    content = text.encode()
    return Served(content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:16])


def _answer(served: Served, content_type: str) -> Response:
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(served.gzipped if zipped else served.content, content_type=content_type)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = CACHED
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(served.version + ("-gz" if zipped else ""))
    response.make_conditional(request)
    return response


def squeeze_script(text: str) -> str:
    """Return a script without indentation, empty lines and lines that are comments."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def squeeze_style(text: str) -> str:
    """Return a style sheet without comments and needless blanks."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return _BOUNDARY.sub(r"\1\2", " ".join(bare.split()))
