"""Lets squawk read the SQL of every migration: `python -m tests.migrations.lint_sql`.

Each migration is read by itself, because in one stream every table would look new, and what is
safe on a new table blocks the readers of an old one.
"""

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.script import Script, ScriptDirectory

from app.migration_state import MIGRATIONS, alembic_config

POSTGRESQL = "postgresql://nobody@nowhere/nothing"
"""Only its dialect is looked at: nothing is connected to."""
CONFIG = MIGRATIONS.parent / ".squawk.toml"


def main() -> int:
    """Lint every migration; returns squawk's exit status."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_sql(Path(folder))
        run = lint(*paths)
    sys.stdout.write(f"{run.stdout}{run.stderr}squawk: {len(paths)} migrations read\n")
    return run.returncode


def write_sql(folder: Path) -> list[Path]:
    """Write each migration's SQL to a file of its name; returns the files in order."""
    paths = []
    for script in scripts():
        path = folder / f"{Path(script.path).stem}.sql"
        path.write_text(_sql_of(script), encoding="utf-8")
        paths.append(path)
    return paths


def scripts() -> Iterator[Script]:
    """Yield the migrations, the first one first."""
    directory = ScriptDirectory.from_config(alembic_config(POSTGRESQL))
    return reversed(list(directory.walk_revisions()))


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Run squawk over files of SQL."""
    squawk = Path(sys.executable).with_name("squawk")
    command_line = [str(one) for one in (squawk, "--config", CONFIG, "--reporter", "gcc", *paths)]
    return subprocess.run(command_line, capture_output=True, text=True, check=False)


def _sql_of(script: Script) -> str:
    config = alembic_config(POSTGRESQL)
    config.output_buffer = written = io.StringIO()
    before = script.down_revision
    command.upgrade(config, f"{before}:{script.revision}" if before else script.revision, sql=True)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(main())
