"""Index what waits: failing objects, numbers not yet kept at Stripe, renewals to come.

Each of these is looked for again and again, and is a small part of its table: the cost must follow the
work, not the archive.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


INDEXES = (
    ("ix_inbox_objects_failing", "inbox_objects", "attempts", "attempts > 0"),
    (
        "ix_billing_payments_unkept",
        "billing_payments",
        "id",
        "paid_at IS NOT NULL AND kept_receipt_number IS NULL",
    ),
    ("ix_billing_subscriptions_renewing", "billing_subscriptions", "current_period_end", "ended_at IS NULL"),
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
