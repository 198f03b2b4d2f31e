"""Remember up to where no number of a series is missing.

Whoever filled a hole after a restore read every number of the year to find it, once for each document.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

COUNTERS = ("receipt_counters", "credit_note_counters")


def upgrade() -> None:
    for table in COUNTERS:
        op.add_column(table, sa.Column("whole_up_to", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table in COUNTERS:
        op.drop_column(table, "whole_up_to")
