"""Create unposted transactions: balance transactions at Stripe that have no entry yet.

One whose object cannot be synced kept the books off for as long as that lasted, and nothing said which.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unposted_transactions",
        sa.Column("stripe_balance_transaction_id", sa.String(length=255), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("bringer_type", sa.String(length=32), nullable=True),
        sa.Column("bringer_id", sa.String(length=255), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.CheckConstraint(
            "(net_minor IS NULL) = (currency IS NULL)",
            name=op.f("ck_unposted_transactions_amount_with_currency"),
        ),
        sa.CheckConstraint(
            "(bringer_type IS NULL) = (bringer_id IS NULL)",
            name=op.f("ck_unposted_transactions_bringer_whole"),
        ),
        sa.PrimaryKeyConstraint("stripe_balance_transaction_id", name=op.f("pk_unposted_transactions")),
    )


def downgrade() -> None:
    op.drop_table("unposted_transactions")
