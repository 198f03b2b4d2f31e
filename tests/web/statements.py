"""Counts what a page asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask

from app.access import parts_of


@contextmanager
def statements_of(app: Flask) -> Iterator[list[str]]:
    """Gather the SQL that runs inside the block."""
    statements: list[str] = []
    engine = parts_of(app).sessions.kw["bind"]

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)
