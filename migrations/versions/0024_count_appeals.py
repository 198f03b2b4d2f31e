"""Count how often each variant of the appeal is shown and followed, and let a pledge bear its variant.

The sums are daily and name nobody; what was pledged and paid is told by the pledges.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pledges", sa.Column("appeal_variant", sa.String(length=32), nullable=True))
    op.create_table(
        "appeal_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.Column("campaign_slug", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.Column("continued", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("shown >= 0 AND continued >= 0", name=op.f("ck_appeal_counts_not_negative")),
        sa.PrimaryKeyConstraint("day", "variant", "campaign_slug", name=op.f("pk_appeal_counts")),
    )


def downgrade() -> None:
    op.drop_table("appeal_counts")
    op.drop_column("pledges", "appeal_variant")
