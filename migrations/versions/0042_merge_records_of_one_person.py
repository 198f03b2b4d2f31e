"""Create merges: which record stands for which, and what was moved.

One person may have given by two addresses; staff make one record of the two, and can undo it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

STANDING = sa.text("undone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "member_merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("merged_id != kept_id", name=op.f("ck_member_merges_of_two")),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["members.id"], name=op.f("fk_member_merges_merged_id_members")
        ),
        sa.ForeignKeyConstraint(["kept_id"], ["members.id"], name=op.f("fk_member_merges_kept_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_merges")),
    )
    op.create_index(op.f("ix_member_merges_kept_id"), "member_merges", ["kept_id"])
    op.create_index(
        "ix_member_merges_standing",
        "member_merges",
        ["merged_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "member_merge_moves",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["member_merges.id"], name=op.f("fk_member_merge_moves_merge_id_member_merges")
        ),
        sa.PrimaryKeyConstraint("merge_id", "what", "row_key", name=op.f("pk_member_merge_moves")),
    )


def downgrade() -> None:
    op.drop_table("member_merge_moves")
    op.drop_table("member_merges")
