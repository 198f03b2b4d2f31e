"""Create credit notes and the remarks that receipts are drawn with, and refuse changes to both.

A receipt is never changed: what became of its payment is told by documents of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FROZEN = ("credit_notes", "receipt_notes")


def upgrade() -> None:
    op.create_table(
        "credit_note_counters",
        sa.Column("legal_entity", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last_serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("legal_entity", "year", name=op.f("pk_credit_note_counters")),
    )
    op.create_table(
        "credit_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_entity", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=48), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_refund_id", sa.String(length=255), nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_credit_notes_amount_positive")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_credit_notes_serial_positive")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_credit_notes_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_credit_notes_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint(
            "legal_entity", "year", "serial", name=op.f("uq_credit_notes_legal_entity_year_serial")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_credit_notes_number")),
        sa.UniqueConstraint("stripe_refund_id", name=op.f("uq_credit_notes_stripe_refund_id")),
    )
    op.create_index(op.f("ix_credit_notes_member_id"), "credit_notes", ["member_id"])
    op.create_index(op.f("ix_credit_notes_receipt_id"), "credit_notes", ["receipt_id"])
    op.create_table(
        "receipt_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "disputed",
                "dispute_won",
                "dispute_lost",
                "debit_returned",
                "refund_failed",
                name="notekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("stripe_object_id", sa.String(length=255), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_receipt_notes_amount_positive")),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_notes_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_notes")),
        sa.UniqueConstraint("stripe_object_id", "kind", name=op.f("uq_receipt_notes_stripe_object_id_kind")),
    )
    op.create_index(op.f("ix_receipt_notes_receipt_id"), "receipt_notes", ["receipt_id"])
    if op.get_context().dialect.name == "postgresql":
        for table in FROZEN:
            op.execute(
                sa.text(
                    f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                )
            )
        return
    for table in FROZEN:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                sa.text(
                    f"CREATE TRIGGER {table}_refuse_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed or deleted'); END"
                )
            )


def downgrade() -> None:
    op.drop_table("receipt_notes")
    op.drop_table("credit_notes")
    op.drop_table("credit_note_counters")
