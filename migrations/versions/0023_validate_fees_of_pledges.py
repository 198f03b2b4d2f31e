"""Validate the CHECK that 0022 added.

PostgreSQL reads every row to validate it, which in the transaction that added it would hold the table all
the while. On SQLite it was checked when the table was made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE pledges VALIDATE CONSTRAINT ck_pledges_fees_part_of_amount"))


def downgrade() -> None:
    """Leave it valid: 0022 drops it on the way down."""
