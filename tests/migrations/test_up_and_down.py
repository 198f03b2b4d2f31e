"""Migrations go up, down and up again, empty and with data."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.migration_state import expected_revision
from app.schema import metadata
from tests.migrations.conftest import Migrated
from tests.migrations.lint_sql import scripts
from tests.migrations.rows import MOMENT, Rows, fill_empty_tables, read_all, reflected

NUMBERS = [script.revision for script in scripts()]


def test_up_from_nothing_down_to_nothing_and_up_again(database: Migrated) -> None:
    database.upgrade()
    database.downgrade("base")
    assert database.tables == set()

    database.upgrade()

    assert database.tables == set(metadata.tables)
    assert database.revision == expected_revision()


def test_each_migration_alone_goes_down_and_up_again(database: Migrated) -> None:
    for number in NUMBERS:
        database.upgrade(number)
        before = database.tables

        database.downgrade("-1")
        database.upgrade(number)

        assert database.tables == before


def test_nothing_is_left_behind_on_the_way_down(postgresql: Migrated) -> None:
    postgresql.upgrade()

    postgresql.downgrade("base")

    with postgresql.engine.connect() as connection:
        functions = connection.scalar(
            sa.text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        )
    assert functions == 0


def test_rows_of_every_migration_survive_all_that_follow(database: Migrated) -> None:
    known: Rows = {}
    for number in NUMBERS:
        database.upgrade(number)
        assert_kept(known, read_all(database.engine))
        fill_empty_tables(database.engine)
        known = read_all(database.engine)

    assert known.keys() == set(metadata.tables)
    assert {name for name, rows in known.items() if len(rows) != 1} == {"members", "sign_in_counters"}


def test_rows_survive_the_way_down_and_up_again(database: Migrated) -> None:
    database.upgrade("0001")
    fill_empty_tables(database.engine)
    known = read_all(database.engine)
    database.upgrade()
    fill_empty_tables(database.engine)

    database.downgrade("0001")
    assert_kept(known, read_all(database.engine))
    database.upgrade()

    assert_kept(known, read_all(database.engine))


def test_a_migration_that_fails_leaves_nothing_half_done(database: Migrated) -> None:
    database.upgrade("0001")
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE staff_tries (obstacle INTEGER)"))

    with pytest.raises(sa.exc.DBAPIError):
        database.upgrade()

    assert "staff_accounts" not in database.tables
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE staff_tries"))
    database.upgrade()
    assert database.revision == expected_revision()


def assert_kept(before: Rows, after: Rows) -> None:
    """See every row again, with the columns it had that still exist; a migration may bring more rows."""
    for table, rows in before.items():
        columns = after[table][0].keys()
        kept = [{name: value for name, value in row.items() if name in columns} for row in rows]
        names = kept[0].keys()
        found = {repr({name: row[name] for name in names}) for row in after[table]}
        assert [row for row in kept if repr(row) not in found] == []


def test_disputes_that_were_lost_before_keep_the_day_that_their_events_tell(database: Migrated) -> None:
    database.upgrade("0042")
    fill_empty_tables(database.engine)
    tables = reflected(database.engine).tables
    disputes, events = tables["billing_disputes"], tables["inbox_events"]
    with database.engine.begin() as connection:
        connection.execute(sa.update(disputes).values(status="lost", stripe_dispute_id="dp_1"))
        event = dict(connection.execute(sa.select(events)).mappings().one())
        for number, about in enumerate(("dp_1", "dp_1", "dp_2")):
            at = MOMENT + timedelta(days=number)
            told = {"stripe_event_id": f"evt_{number}", "object_id": about, "occurred_at": at}
            connection.execute(sa.insert(events).values(event | told))

    database.upgrade("0043")

    (dispute,) = read_all(database.engine)["billing_disputes"]
    assert dispute["lost_at"] == MOMENT.replace(tzinfo=dispute["lost_at"].tzinfo) + timedelta(days=1)
