"""Index what staff must settle: contested addresses, and people with two running subscriptions.

Both are few among many, and looked for on every page of the members' list.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


INDEXES = (
    ("ix_billing_customers_contested", "billing_customers", "address_of_member_id IS NOT NULL"),
    ("ix_billing_subscriptions_running", "billing_subscriptions", "ended_at IS NULL"),
)


def upgrade() -> None:
    with _outside_a_transaction():
        for name, table, condition in INDEXES:
            op.create_index(
                name,
                table,
                ["member_id"],
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)


@contextmanager
def _outside_a_transaction() -> Iterator[None]:
    """PostgreSQL builds an index beside its readers and writers only outside a transaction."""
    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            yield
    else:
        yield
