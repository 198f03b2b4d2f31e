"""Create asks: what Stripe is asked to do, stored before it is asked.

An answer of Stripe's can be lost, and its idempotency keys last a day: only a row of ours, whose id goes
with what is asked, lets us find out later whether it was done.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = sa.text("done_at IS NULL AND refused_at IS NULL AND superseded_at IS NULL")
KINDS = (
    "refund", "cancel", "cancel_later", "take_back", "change_amount", "pause", "resume", "pay_invoice",
)  # fmt: skip
MATTERS = ("refund", "end", "amount", "collection", "payment")


def upgrade() -> None:
    op.create_table(
        "asks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.String(length=128), nullable=False),
        sa.Column("kind", _one_of("askkind", *KINDS), nullable=False),
        sa.Column("matter", _one_of("askmatter", *MATTERS), nullable=False),
        sa.Column("stripe_object_id", sa.String(length=255), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("interval", _one_of("interval", "once", "month", "year"), nullable=True),
        sa.Column("resumes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", _one_of("askedby", "member", "staff", "system"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_code", sa.String(length=64), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stripe_result_id", sa.String(length=255), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_asks_amount_positive")),
        sa.CheckConstraint(
            "(kind IN ('refund', 'change_amount')) = (amount_minor IS NOT NULL)",
            name=op.f("ck_asks_amount_where_meant"),
        ),
        sa.CheckConstraint(
            "(amount_minor IS NULL) = (currency IS NULL)", name=op.f("ck_asks_amount_with_currency")
        ),
        sa.CheckConstraint(
            "(kind = 'change_amount') = (interval IS NOT NULL)", name=op.f("ck_asks_interval_where_meant")
        ),
        sa.CheckConstraint(
            "(kind = 'pause') = (resumes_at IS NOT NULL)", name=op.f("ck_asks_pause_with_its_end")
        ),
        sa.CheckConstraint(
            "staff_id IS NULL OR asked_by = 'staff'", name=op.f("ck_asks_staff_named_by_staff_alone")
        ),
        sa.CheckConstraint(
            "(refused_at IS NULL) = (refused_code IS NULL)", name=op.f("ck_asks_refused_with_code")
        ),
        sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name=op.f("ck_asks_lease_whole")),
        sa.CheckConstraint(
            "(done_at IS NULL OR refused_at IS NULL) AND (done_at IS NULL OR superseded_at IS NULL) "
            "AND (refused_at IS NULL OR superseded_at IS NULL)",
            name=op.f("ck_asks_ended_once"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_accounts.id"], name=op.f("fk_asks_staff_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
        sa.UniqueConstraint("nonce", name=op.f("uq_asks_nonce")),
        sa.UniqueConstraint("stripe_result_id", name=op.f("uq_asks_stripe_result_id")),
    )
    op.create_index(op.f("ix_asks_pending"), "asks", ["retry_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(op.f("ix_asks_stripe_object_id_matter"), "asks", ["stripe_object_id", "matter"])


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def downgrade() -> None:
    op.drop_table("asks")
