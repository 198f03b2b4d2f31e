"""The language of a hosted page, and its words."""

from app.simulator.pages.languages import ar, en, ru

WORDS: dict[str, dict[str, str]] = {
    "en": {**en.PORTAL, **en.WORDS},
    "ru": {**ru.PORTAL, **ru.WORDS},
    "ar": {**ar.PORTAL, **ar.WORDS},
}
SENTENCES: dict[str, dict[str, str]] = {"ru": ru.SENTENCES, "ar": ar.SENTENCES}
FROM_THE_RIGHT = {"ar"}


def language(locales: list[str], accept_language: str) -> str:
    """The language of a page: one that was asked for, or the browser's, where we have the words.

    Args: locales: the session's, then the customer's, `auto` and empty ones left out of account.
    """
    asked = [one for one in locales if one and one != "auto"]
    wanted = asked or _accepted(accept_language)
    short = [one.split("-")[0].lower() for one in wanted]
    return next((one for one in short if one in WORDS), "en")


def direction(lang: str) -> str:
    """Whether a language is read `ltr` or `rtl`."""
    return "rtl" if lang in FROM_THE_RIGHT else "ltr"


def translated(message: str, lang: str) -> str:
    """One of Stripe's own sentences in the page's language, where we have it."""
    return SENTENCES.get(lang, {}).get(message, message)


def _accepted(header: str) -> list[str]:
    return [part.split(";")[0].strip() for part in header.split(",")]
