"""A third language is one catalogue file, and whatever it does not say is found on the pages themselves."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.third_language.copying import copy_product

WALK = "tests/third_language/walk.py"
DOCUMENTS = "tests/third_language/documents.py"
PATIENCE_SECONDS = 900
Done = subprocess.CompletedProcess[str]
Walk = Callable[..., Done]


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    """Walk a copy of the product as it is, or with one file of it changed."""
    copy_product(tmp_path)

    def walked(*chosen: str, file: str = "", said: str = "", instead: str = "") -> Done:
        if file:
            text = (tmp_path / file).read_text(encoding="utf-8")
            assert said in text
            (tmp_path / file).write_text(text.replace(said, instead, 1), encoding="utf-8")
        words = [sys.executable, "-m", "pytest", WALK, DOCUMENTS, "-q", "-p", "no:cacheprovider"]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        return subprocess.run(
            [*words, *chosen],
            cwd=tmp_path,
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    return walked


def test_every_page_mistake_and_letter_speaks_a_language_that_is_one_catalogue_file(walk: Walk) -> None:
    done = walk()

    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize(
    ("which", "file", "said", "instead"),
    [
        (
            "every_page",
            "app/web/templates/reader/manage/home.html",
            '{{ _("Latest payments") }}',
            "Latest payments",
        ),
        (
            "every_mistake",
            "app/web/reader/address_mistakes.py",
            '_("No mail can reach this address.',
            'str("No mail can reach this address.',
        ),
        (
            "every_letter",
            "app/flows/letters/endings.py",
            'words.gettext("Your support will end")',
            '"Your support will end"',
        ),
    ],
    ids=["page", "mistake", "letter"],
)
def test_one_string_that_is_not_translated_is_found(
    walk: Walk, which: str, file: str, said: str, instead: str
) -> None:
    done = walk("-k", which, file=file, said=said, instead=instead)

    assert done.returncode == 1, done.stdout[-3000:]
    assert "1 failed" in done.stdout
