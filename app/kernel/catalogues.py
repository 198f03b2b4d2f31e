"""The catalogues of words, for whatever is written outside a web request."""

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parents[1] / "translations"


@cache
def translations(language: str) -> NullTranslations:
    """Return the words of a language; English where it has no catalogue."""
    return Translations.load(CATALOGUES, [language])
