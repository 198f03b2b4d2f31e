"""Create balance checks: what our books and Stripe said last, by currency.

Whether they agree must be there to be seen without asking Stripe each time somebody looks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "balance_checks",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("ours_minor", sa.BigInteger(), nullable=False),
        sa.Column("theirs_minor", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_balance_checks")),
    )


def downgrade() -> None:
    op.drop_table("balance_checks")
