"""Which migration the code expects."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a database address."""
    config = Config(MIGRATIONS / "alembic.ini")
    config.attributes["url"] = url
    return config


@cache
def expected_revision() -> str | None:
    """Return the newest migration's number."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head()
