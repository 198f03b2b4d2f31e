"""Keep which mails a member does without.

A topic without a row is on, so that what is added later reaches everybody until they turn it off.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_refusals",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "topic IN ('yearly_charge', 'card_expiry')", name=op.f("ck_outbox_refusals_mailtopic")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_outbox_refusals_member_id_members")
        ),
        sa.PrimaryKeyConstraint("member_id", "topic", name=op.f("pk_outbox_refusals")),
    )


def downgrade() -> None:
    op.drop_table("outbox_refusals")
