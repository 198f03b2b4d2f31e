"""Index what is forgotten by its age.

Finding it must cost as much as is forgotten, not as is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_inbox_events_received_at", "inbox_events", "received_at", None),
    ("ix_asks_forgettable", "asks", "created_at", "kind <> 'refund'"),
    ("ix_outbox_mails_with_matter", "outbox_mails", "created_at", "matter IS NOT NULL"),
    ("ix_outbox_mails_to_contacts", "outbox_mails", "created_at", "contact_id IS NOT NULL"),
)


def upgrade() -> None:
    with _outside_a_transaction():
        for name, table, column, condition in INDEXES:
            where = sa.text(condition) if condition else None
            op.create_index(
                name,
                table,
                [column],
                sqlite_where=where,
                postgresql_where=where,
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)


@contextmanager
def _outside_a_transaction() -> Iterator[None]:
    """PostgreSQL builds an index beside its readers and writers only outside a transaction."""
    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            yield
    else:
        yield
