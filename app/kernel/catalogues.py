"""The catalogues of words, for whatever is written outside a web request."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parents[1] / "translations"


@cache
def translations(language: str) -> NullTranslations:
    """Return the words of a language; English where it has no catalogue."""
    return Translations.load(CATALOGUES, [language])


def in_context(language: str) -> Callable[[str, str], str]:
    """Return a language's `pgettext`: it takes a context and words, and is to be called by that name."""
    return cast("Callable[[str, str], str]", translations(language).pgettext)


@cache
def has_catalogue(language: str) -> bool:
    """Whether there are words in a language: it is English, which stands in the code, or has a catalogue."""
    return language == "en" or (CATALOGUES / language / "LC_MESSAGES" / "messages.mo").is_file()
