"""The language of a page, and the catalogues that hold its words."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from app.kernel.formatting import format_day
from app.web.languages import CATALOGUES, choose_language, direction_of

SPOKEN = ("en", "ru")


@pytest.mark.parametrize(
    ("asked", "header", "expected"),
    [
        (None, "", "en"),
        (None, "ru", "ru"),
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, "de,fr;q=0.9", "en"),
        (None, "de,ru;q=0.5,en;q=0.4", "ru"),
        (None, "*", "en"),
        (None, ";;;q=,,,", "en"),
        (None, "ru," * 1000, "en"),
        ("ru", "en", "ru"),
        ("en", "ru", "en"),
        ("de", "ru", "ru"),
        ("../../etc", "", "en"),
        ("", "ru", "ru"),
    ],
)
def test_a_page_speaks_what_is_asked_then_what_the_browser_prefers(
    asked: str | None, header: str, expected: str
) -> None:
    assert choose_language(asked, header, SPOKEN) == expected


def test_directions_come_from_the_language() -> None:
    assert [direction_of(language) for language in ("en", "ru", "ar", "he", "fa")] == [
        "ltr",
        "ltr",
        "rtl",
        "rtl",
        "rtl",
    ]


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def words_in_code() -> set[str]:
    with (CATALOGUES / "babel.cfg").open(encoding="utf-8") as where:
        mapping, options = parse_mapping_cfg(where)  # type: ignore[no-untyped-call]  # Babel's, untyped
    found = extract_from_dir(CATALOGUES.parent, mapping, options)
    return {first_of(message) for _, _, message, _, _ in found}


def first_of(message: str | Sequence[str]) -> str:
    """Return a message, of one with a plural its singular."""
    return message if isinstance(message, str) else message[0]


def is_whole(text: str | Sequence[str] | None) -> bool:
    """Whether a text is said, of a plural each of its forms."""
    return bool(text) and all(text or ())


def languages_with_a_catalogue() -> list[str]:
    return sorted(path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/messages.po"))


def test_russian_has_a_catalogue_and_english_needs_none() -> None:
    assert languages_with_a_catalogue() == ["ru"]


def test_the_template_of_words_lists_what_the_pages_say() -> None:
    listed = {first_of(message.id) for message in read_catalogue(CATALOGUES / "messages.pot") if message.id}

    assert listed == words_in_code()


@pytest.mark.parametrize("language", languages_with_a_catalogue())
def test_no_string_is_left_untranslated(language: str) -> None:
    catalogue = read_catalogue(CATALOGUES / language / "LC_MESSAGES" / "messages.po")
    told = [message for message in catalogue if message.id and is_whole(message.string) and not message.fuzzy]
    translated = {first_of(message.id) for message in told}

    assert words_in_code() - translated == set()
    assert translated - words_in_code() == set()


@pytest.mark.parametrize("language", languages_with_a_catalogue())
def test_translations_keep_every_value_of_their_original(language: str) -> None:
    catalogue = read_catalogue(CATALOGUES / language / "LC_MESSAGES" / "messages.po")

    errors = [(message.id, str(error)) for message, found in catalogue.check() for error in found]

    assert errors == []


@pytest.mark.parametrize("language", languages_with_a_catalogue())
def test_no_sentence_ends_in_two_full_stops_where_a_day_brings_its_own(language: str) -> None:
    stop = "." if format_day(date(2027, 5, 25), language).endswith(".") else "no such thing"
    catalogue = read_catalogue(CATALOGUES / language / "LC_MESSAGES" / "messages.po")

    doubled = [message.id for message in catalogue if f"%(day)s{stop}" in str(message.string)]

    assert doubled == []


@pytest.mark.parametrize("language", languages_with_a_catalogue())
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    folder = CATALOGUES / language / "LC_MESSAGES"
    written = BytesIO()
    write_mo(written, read_catalogue(folder / "messages.po"))

    with (folder / "messages.mo").open("rb") as compiled:
        assert said(read_mo(compiled)) == said(read_mo(BytesIO(written.getvalue())))


def said(catalogue: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue if message.id}
