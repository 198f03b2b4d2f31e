"""Validate the CHECKs of asks that 0025 widened and added.

PostgreSQL reads every row to validate one, which in the transaction that added it would hold the table all
the while. On SQLite they were checked when the table was made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CHECKS = ("askkind", "askmatter", "endreason", "move_with_its_day", "reason_of_an_end_alone")


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for name in CHECKS:
            op.execute(sa.text(f"ALTER TABLE asks VALIDATE CONSTRAINT ck_asks_{name}"))


def downgrade() -> None:
    """Leave them valid: 0025 drops them on the way down."""
