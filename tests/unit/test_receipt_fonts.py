"""The vendored fonts: exactly what the manifest says, with their licences, and in use."""

import hashlib
import json
import re

import pytest
from typst import Fonts

from app.receipts.drawing import FONTS, TEMPLATES

MANIFEST = FONTS / "manifest.json"
ROWS = json.loads(MANIFEST.read_text())["fonts"]
MOST_BYTES = 6_500_000


def test_the_manifest_lists_every_font_and_nothing_else() -> None:
    listed = [row["file"] for row in ROWS]

    assert sorted(listed) == sorted(path.name for path in FONTS.glob("*.ttf"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_font_is_byte_for_byte_the_one_that_was_vendored(row: dict[str, str]) -> None:
    content = (FONTS / row["file"]).read_bytes()

    assert hashlib.sha256(content).hexdigest() == row["sha256"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_font_has_its_licence_beside_it(row: dict[str, str]) -> None:
    words = {"OFL-1.1": "SIL OPEN FONT LICENSE Version 1.1", "Apache-2.0": "Apache License"}

    licence = (FONTS / row["licence_file"]).read_text()

    assert words[row["licence"]] in licence
    assert "Copyright" in licence
    assert re.fullmatch(r"[\w.]+", row["version"])


def test_every_licence_file_belongs_to_a_font() -> None:
    assert {path.name for path in FONTS.glob("*.txt")} == {row["licence_file"] for row in ROWS}


def test_the_families_are_the_ones_the_compiler_finds() -> None:
    found = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])

    assert sorted(found.families()) == sorted(row["family"] for row in ROWS)


def test_the_template_names_every_family_and_no_other() -> None:
    lists = re.findall(
        r"^#let (?:fallbacks|sans|serif) = .*?\)$", (TEMPLATES / "page.typ").read_text(), re.M | re.S
    )
    named = re.findall(r'"([^"]+)"', " ".join(lists))

    assert set(named) == {row["family"] for row in ROWS}


def test_the_manifest_holds_no_address() -> None:
    assert not re.search(r"://|www\.|\.(com|org|io|net)\b", MANIFEST.read_text())


def test_the_fonts_stay_small_enough_to_carry() -> None:
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < MOST_BYTES
