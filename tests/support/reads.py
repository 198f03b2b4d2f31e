"""Counts what a piece of work asks of a database: statements, and the rows that come back for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
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
