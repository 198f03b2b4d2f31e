"""Migrating while others migrate, or while the product is at work, on PostgreSQL."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.migration_state import MIGRATIONS, expected_revision
from tests.migrations.conftest import Migrated

UPGRADE = """
import sys
from alembic import command
from app.migration_state import alembic_config
command.upgrade(alembic_config(sys.argv[1]), "head")
"""
PATIENCE_SECONDS = 60


def test_two_upgrades_at_once_take_turns_and_both_succeed(postgresql: Migrated) -> None:
    with postgresql.engine.connect() as holder, processes(UPGRADE, postgresql.url, count=2) as upgrades:
        holder.execute(sa.text(f"SELECT pg_advisory_lock({_advisory_lock()})"))
        wait_for_waiters(holder, 2)
        holder.execute(sa.text(f"SELECT pg_advisory_unlock({_advisory_lock()})"))
        statuses = [upgrade.wait(PATIENCE_SECONDS) for upgrade in upgrades]

    assert statuses == [0, 0]
    assert postgresql.revision == expected_revision()


def test_a_migration_does_not_wait_long_for_a_table_in_use(postgresql: Migrated) -> None:
    postgresql.upgrade("0001")
    with postgresql.engine.begin() as writer:
        writer.execute(sa.text("LOCK TABLE receipts IN ROW EXCLUSIVE MODE"))

        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            postgresql.upgrade()

    postgresql.upgrade()
    assert postgresql.revision == expected_revision()


@contextmanager
def processes(code: str, url: str, *, count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    started = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=MIGRATIONS.parent) for _ in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def wait_for_waiters(connection: sa.Connection, count: int) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND query ~ 'pg_try_advisory_lock|COMMIT'"
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while connection.scalar(waiting) != count:
        assert time.monotonic() < deadline, "the upgrades never came to wait for the lock"
        connection.commit()  # within one transaction the server shows one picture of its sessions
        time.sleep(0.05)


def _advisory_lock() -> int:
    """Return the lock's number; env.py can be imported by Alembic alone."""
    found = re.search(r"^ADVISORY_LOCK = ([\d_]+)$", (MIGRATIONS / "env.py").read_text(), re.MULTILINE)
    assert found
    return int(found[1])
