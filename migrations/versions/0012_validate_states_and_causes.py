"""Validate the CHECKs of states and causes.

As in 0005: PostgreSQL reads every row to do it, and must not hold the table in the transaction that adds
the columns.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHECKS = ("ck_membership_facts_membershipstate", "ck_membership_facts_factcause")


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for check in CHECKS:
            op.execute(sa.text(f"ALTER TABLE membership_facts VALIDATE CONSTRAINT {check}"))


def downgrade() -> None:
    """Leave them valid: 0010 drops them with their columns."""
