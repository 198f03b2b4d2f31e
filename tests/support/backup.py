"""A backup of a test's database: every row read out, and put back as if nothing had happened since."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.schema import metadata


class Backup:
    """Makes one backup and restores it, past the triggers that refuse changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def make(self) -> None:
        """Read every row of every table."""
        with self._engine.connect() as connection:
            for table in metadata.sorted_tables:
                rows = connection.execute(sa.select(table))
                self._rows[table.name] = [
                    {column.key: row._mapping[column] for column in table.columns} for row in rows
                ]

    def restore(self) -> None:
        """Replace every row by those of the backup."""
        with self._engine.begin() as connection:
            triggers = self._let_go(connection)
            for table in reversed(metadata.sorted_tables):
                connection.execute(sa.delete(table))
            for table in metadata.sorted_tables:
                if self._rows[table.name]:
                    connection.execute(sa.insert(table), self._rows[table.name])
            for statement in triggers:
                connection.execute(sa.text(statement))

    def _let_go(self, connection: Connection) -> list[str]:
        """Take the triggers away; returns the statements that bring them back."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            return []
        found = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        triggers = list(found)
        for name, _ in triggers:
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        return [sql.replace(":", "\\:") for _, sql in triggers]
