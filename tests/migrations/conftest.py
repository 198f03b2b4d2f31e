"""Databases without tables, and hands to migrate them."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic import command

from app.db import create_db_engine
from app.migration_state import alembic_config
from tests.support.databases import BOTH, Databases


class Migrated:
    """One database, empty at first, moved up and down by hand."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = create_db_engine(url)

    def upgrade(self, revision: str = "head") -> None:
        """Bring the database up."""
        command.upgrade(alembic_config(self.url), revision)

    def downgrade(self, revision: str) -> None:
        """Take the database down."""
        command.downgrade(alembic_config(self.url), revision)

    @property
    def revision(self) -> str | None:
        """The migration it is at."""
        with self.engine.connect() as connection:
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()

    @property
    def tables(self) -> set[str]:
        """Its tables, but for Alembic's own."""
        return set(sa.inspect(self.engine).get_table_names()) - {"alembic_version"}


def _migrated(kind: str, databases: Databases) -> Iterator[Migrated]:
    database = Migrated(databases.create_empty(kind))
    yield database
    database.engine.dispose()
    databases.drop(database.url)


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Migrated]:
    """A database without tables; every test that asks for it runs on both kinds."""
    yield from _migrated(request.param, databases)


@pytest.fixture
def postgresql(databases: Databases) -> Iterator[Migrated]:
    """A PostgreSQL database without tables."""
    yield from _migrated("postgresql", databases)
