"""Create accounts of staff, their roles, and the tries that slow down guessing.

The desk shows who pays and how much: it needs accounts of its own before it shows anything.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("password_chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_key", sa.String(length=64), nullable=False),
        sa.Column("second_factor", sa.String(length=32), nullable=True),
        sa.Column("sealed_totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_last_counter", sa.BigInteger(), nullable=True),
        sa.Column("recovery_hashes", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_accounts_email_in_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_accounts_email")),
        sa.UniqueConstraint("session_key", name=op.f("uq_staff_accounts_session_key")),
    )
    op.create_table(
        "staff_grants",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("administrator", name="staffrole", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_staff_grants_account_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_staff_grants")),
    )
    op.create_table(
        "staff_tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_staff_tries")),
    )
    op.create_index(op.f("ix_staff_tries_tried_at"), "staff_tries", ["tried_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_staff_tries_tried_at"), table_name="staff_tries")
    op.drop_table("staff_tries")
    op.drop_table("staff_grants")
    op.drop_table("staff_accounts")
