"""Validate the CHECK that 0047 widened.

PostgreSQL reads every row to validate it, which in the transaction that added it would hold the table all
the while. On SQLite it was checked when the table was made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE sign_in_counters VALIDATE CONSTRAINT ck_sign_in_counters_countedby"))


def downgrade() -> None:
    """Leave it valid: 0047 drops it on the way down."""
