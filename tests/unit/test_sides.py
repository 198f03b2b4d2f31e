"""What readers see has no left and no right, but a start and an end, whichever way it runs."""

import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
SHEETS = sorted((APP / "web" / "static").glob("*.css"))
"""Pages carry no styles of their own: the policy of their content forbids it."""
PHYSICAL = re.compile(
    r"(?<![\w-])("
    r"(?:margin|padding|border)-(?:left|right)[\w-]*\s*:"
    r"|(?:left|right)\s*:"
    r"|(?:float|clear|text-align)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius\s*:"
    r"|scroll-(?:margin|padding)-(?:left|right)\s*:"
    r")"
)
TURNED = re.compile(r"[^{}]*\[dir=\"?rtl\"?\][^{}]*\{[^{}]*\}")
"""A rule for one direction alone may name its side."""


def sides_in(text: str) -> list[str]:
    """Return what names a side."""
    return PHYSICAL.findall(TURNED.sub("", re.sub(r"/\*.*?\*/", "", text, flags=re.S)))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_readers_sheets_name_no_side(path: Path) -> None:
    assert sides_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "a { margin-left: 1rem }",
        "a { padding-right: 0; }",
        "a { color: red; left: 0 }",
        "a { text-align: right }",
        "a { float: left }",
        "a { border-left-color: red }",
        "a { border-top-right-radius: 2px }",
    ],
)
def test_a_side_that_is_named_is_found(planted: str) -> None:
    assert len(sides_in(planted)) == 1


@pytest.mark.parametrize(
    "fine",
    [
        "a { margin-inline-start: 1rem; inset-inline-end: 0; text-align: start }",
        "/* left: 0 */ .upright { top: 0 }",
        '.borrowed[dir="rtl"] p { text-align: right; }',
        "a { border-start-end-radius: 2px }",
    ],
)
def test_starts_and_ends_are_fine(fine: str) -> None:
    assert sides_in(fine) == []
