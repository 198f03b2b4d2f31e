"""Index the refunds whose credit note's number Stripe does not keep yet, and the mails that were dropped.

Workers look for the first every ten seconds, and every reading of the metrics counts the second: the cost
must follow the work, not the archive.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_billing_refunds_unkept", "billing_refunds", "id", "kept_note_number IS NULL"),
    ("ix_outbox_mails_dropped", "outbox_mails", "dropped_at", "dropped_at IS NOT NULL"),
)


def upgrade() -> None:
    with _outside_a_transaction():
        for name, table, column, condition in INDEXES:
            op.create_index(
                name,
                table,
                [column],
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
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
