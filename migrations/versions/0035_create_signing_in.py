"""Create what signing in needs: requests, sessions, and cells that count without naming anybody.

The cells are all made here: later, which of them there are tells nothing of who was here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

CELLS = 4 * 2048
_FILL = """
INSERT INTO sign_in_counters (counted_by, cell, asked, period)
WITH RECURSIVE cells(cell) AS (SELECT 0 UNION ALL SELECT cell + 1 FROM cells WHERE cell < {last})
SELECT '{counted_by}', cell, 0, 0 FROM cells
"""


def upgrade() -> None:
    op.create_table(
        "sign_in_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_sign_in_requests_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_sign_in_requests_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_requests")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_sign_in_requests_link_hash")),
        sa.UniqueConstraint("member_id", name=op.f("uq_sign_in_requests_member_id")),
    )
    op.create_index(op.f("ix_sign_in_requests_asked_at"), "sign_in_requests", ["asked_at"])
    op.create_table(
        "reader_sessions",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_reader_sessions_member_id_members")
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_reader_sessions")),
    )
    op.create_index(op.f("ix_reader_sessions_member_id"), "reader_sessions", ["member_id"])
    op.create_index(op.f("ix_reader_sessions_started_at"), "reader_sessions", ["started_at"])
    op.create_table(
        "sign_in_counters",
        sa.Column("counted_by", sa.String(length=32), nullable=False),
        sa.Column("cell", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "counted_by IN ('address', 'network')", name=op.f("ck_sign_in_counters_countedby")
        ),
        sa.CheckConstraint("asked >= 0", name=op.f("ck_sign_in_counters_asked_not_negative")),
        sa.PrimaryKeyConstraint("counted_by", "cell", name=op.f("pk_sign_in_counters")),
    )
    for counted_by in ("address", "network"):
        op.execute(sa.text(_FILL.format(counted_by=counted_by, last=CELLS - 1)))


def downgrade() -> None:
    op.drop_table("sign_in_counters")
    op.drop_table("reader_sessions")
    op.drop_table("sign_in_requests")
