"""Refuse updates and deletes of ledger and receipts.

Corrections are new entries, and a receipt once given stands: no program, and no hand at the
database's prompt, changes them by accident.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("ledger_entries", "ledger_postings", "receipts")
EVENTS = ("UPDATE", "DELETE")


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_postgresql() -> None:
    op.execute(
        sa.text(
            """
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME;
            END $$
            """
        )
    )
    for table in TABLES:
        op.execute(
            sa.text(
                f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        )


def _guard_sqlite() -> None:
    for table in TABLES:
        for event in EVENTS:
            op.execute(
                sa.text(
                    f"CREATE TRIGGER {table}_refuse_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed or deleted'); END"
                )
            )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(sa.text(f"DROP TRIGGER {table}_refuse_change ON {table}"))
        op.execute(sa.text("DROP FUNCTION refuse_change()"))
        return
    for table in TABLES:
        for event in EVENTS:
            op.execute(sa.text(f"DROP TRIGGER {table}_refuse_{event.lower()}"))
