"""Counts what a piece of work asks of a database: statements, and the rows that come back for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session


@dataclass
class Reads:
    """What was asked so far."""

    statements: int = 0
    rows: int = 0


@contextmanager
def reads_of(session: Session) -> Iterator[Reads]:
    """Count what a session asks inside the block; on SQLite, rows as they are fetched."""
    counted, connection = Reads(), session.connection()
    driver: Any = connection.connection.dbapi_connection

    def note(_connection: object, cursor: Any, *_rest: object) -> None:
        counted.statements += 1
        if connection.dialect.name == "postgresql" and cursor.description:
            counted.rows += cursor.rowcount

    def fetched(_cursor: object, row: tuple[Any, ...]) -> tuple[Any, ...]:
        counted.rows += 1
        return row

    sa.event.listen(connection, "after_cursor_execute", note)
    if connection.dialect.name == "sqlite":
        driver.row_factory = fetched
    yield counted
    if connection.dialect.name == "sqlite":
        driver.row_factory = None
    sa.event.remove(connection, "after_cursor_execute", note)


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    """Gather the SQL that runs on any connection inside the block."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)
