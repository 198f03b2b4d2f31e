"""Index the refunds whose credit note's number Stripe does not keep yet.

Workers look for them every ten seconds, and nearly all are kept: the cost must follow the work, not the
archive.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CONDITION = sa.text("kept_note_number IS NULL")


def upgrade() -> None:
    with _outside_a_transaction():
        op.create_index(
            "ix_billing_refunds_unkept",
            "billing_refunds",
            ["id"],
            sqlite_where=CONDITION,
            postgresql_where=CONDITION,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_billing_refunds_unkept", table_name="billing_refunds")


@contextmanager
def _outside_a_transaction() -> Iterator[None]:
    """PostgreSQL builds an index beside its readers and writers only outside a transaction."""
    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            yield
    else:
        yield
