"""Runs migrations: one transaction each on PostgreSQL, under an advisory lock and a short lock timeout."""

import time
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from app.db import UtcDateTime, create_db_engine
from app.schema import metadata

ADVISORY_LOCK = 7_346_021
LOCK_TIMEOUT_MS = 4_000
GLANCE_SECONDS = 0.1


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own types as SQLAlchemy's, so that a migration never imports the app."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: sa.Connection) -> None:
    """Run the migrations asked for on an open connection."""
    postgres = connection.dialect.name == "postgresql"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=not postgres,
        transaction_per_migration=postgres,
        compare_type=True,
    )
    if postgres:
        _take_turns(connection)
        connection.execute(sa.text(f"SET lock_timeout = {LOCK_TIMEOUT_MS}"))
        connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        if postgres:
            connection.rollback()
            connection.execute(sa.text(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
            connection.commit()


def _take_turns(connection: sa.Connection) -> None:
    """Wait for the advisory lock by asking again and again.

    A session that sleeps in `pg_advisory_lock` holds a snapshot, and an index built concurrently by the
    one before it would wait for that snapshot to go: each for the other.
    """
    while not connection.scalar(sa.text(f"SELECT pg_try_advisory_lock({ADVISORY_LOCK})")):
        connection.commit()
        time.sleep(GLANCE_SECONDS)


def offline(url: str) -> None:
    """Print the SQL instead of running it: what squawk reads."""
    context.configure(
        url=url,
        target_metadata=metadata,
        literal_binds=True,
        transaction_per_migration=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline(context.config.attributes["url"])
else:
    engine = create_db_engine(context.config.attributes["url"])
    with engine.connect() as opened:
        run(opened)
        opened.commit()
    engine.dispose()
