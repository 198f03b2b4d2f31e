"""Every migration is numbered, explained, free of the app's code, and read by squawk."""

import ast
import re
import sys
from pathlib import Path

import pytest

from app.migration_state import MIGRATIONS
from tests.migrations.lint_sql import lint, scripts, write_sql

FILES = sorted((MIGRATIONS / "versions").glob("*.py"))
FILE_NAME = re.compile(r"(?P<number>\d{4})(_[a-z0-9]+)+\.py")

by_name = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


@by_name
def test_a_migration_is_named_by_its_number_and_words(path: Path) -> None:
    assert FILE_NAME.fullmatch(path.name)


@by_name
def test_a_migration_says_what_it_does_and_why(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""

    summary, _, reason = text.partition("\n\n")

    assert summary.endswith(".")
    assert reason


@by_name
def test_a_migration_imports_nothing_of_the_app(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]

    assert {module.partition(".")[0] for module in modules} <= {
        "alembic",
        "sqlalchemy",
        *sys.stdlib_module_names,
    }


def test_numbers_follow_each_other_and_are_the_revisions() -> None:
    chain = [(script.revision, script.down_revision, Path(script.path).name[:4]) for script in scripts()]

    numbers = [f"{number:04d}" for number in range(1, len(FILES) + 1)]
    assert chain == list(zip(numbers, [None, *numbers], numbers, strict=False))


def test_squawk_finds_nothing_in_any_migration(tmp_path: Path) -> None:
    paths = write_sql(tmp_path)

    found = lint(*paths)

    assert len(paths) == len(FILES)
    assert found.stdout == ""
    assert found.returncode == 0


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE pledges ADD COLUMN weight integer NOT NULL;", "adding-required-field"),
        ("CREATE INDEX ix_pledges_title ON pledges (title);", "require-concurrent-index-creation"),
        ("ALTER TABLE receipts DROP COLUMN language;", "ban-drop-column"),
        ("ALTER TABLE pledges ALTER COLUMN title SET NOT NULL;", "adding-not-nullable-field"),
    ],
)
def test_squawk_would_see_a_migration_that_blocks_its_readers(
    tmp_path: Path, statement: str, rule: str
) -> None:
    path = tmp_path / "9999_blocks.sql"
    path.write_text(statement, encoding="utf-8")

    found = lint(path)

    assert rule in found.stdout
    assert found.returncode == 1
