"""Keep apart what a reader gives and what they add to cover the fees, on pledges and later changes.

A pledge made before, or by an older release that still runs, covers none. On SQLite the table is made anew;
no trigger stands on it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PART = "fees_minor >= 0 AND fees_minor < amount_minor"


def upgrade() -> None:
    _add_fees_to_pledges()
    op.create_table(
        "fee_agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_subscription_id", sa.String(length=255), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fees_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(PART, name=op.f("ck_fee_agreements_fees_part_of_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_agreements")),
    )
    op.create_index(
        op.f("ix_fee_agreements_stripe_subscription_id"), "fee_agreements", ["stripe_subscription_id"]
    )


def _add_fees_to_pledges() -> None:
    fees = sa.Column("fees_minor", sa.BigInteger(), server_default="0", nullable=False)
    if op.get_context().dialect.name == "postgresql":
        op.add_column("pledges", fees)
        check = f"ALTER TABLE pledges ADD CONSTRAINT ck_pledges_fees_part_of_amount CHECK ({PART}) NOT VALID"
        op.execute(sa.text(check))
        return
    with op.batch_alter_table("pledges") as table:
        table.add_column(fees)
        table.create_check_constraint("fees_part_of_amount", PART)


def downgrade() -> None:
    op.drop_table("fee_agreements")
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint("ck_pledges_fees_part_of_amount", "pledges")
        op.drop_column("pledges", "fees_minor")
        return
    with op.batch_alter_table("pledges") as table:
        table.drop_constraint(op.f("ck_pledges_fees_part_of_amount"), type_="check")
        table.drop_column("fees_minor")
