"""Create disputes, payouts and their lines, and which invoice a payment pays.

Money that banks take back, and money that reaches the newsroom's own bank, is part of the books.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "billing_disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_dispute_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_charge_id", sa.String(length=255), nullable=True),
        sa.Column("stripe_payment_intent_id", sa.String(length=255), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "warning_needs_response",
                "warning_under_review",
                "warning_closed",
                "needs_response",
                "under_review",
                "appeal_needs_response",
                "appeal_under_review",
                "won",
                "lost",
                "prevented",
                name="disputestatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_billing_disputes_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_disputes")),
        sa.UniqueConstraint("stripe_dispute_id", name=op.f("uq_billing_disputes_stripe_dispute_id")),
    )
    op.create_index(
        op.f("ix_billing_disputes_status_evidence_due_at"), "billing_disputes", ["status", "evidence_due_at"]
    )
    op.create_index(
        op.f("ix_billing_disputes_stripe_payment_intent_id"), "billing_disputes", ["stripe_payment_intent_id"]
    )
    op.create_table(
        "billing_payouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_payout_id", sa.String(length=255), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "in_transit",
                "paid",
                "failed",
                "canceled",
                name="payoutstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("arrival_on", sa.Date(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("stripe_balance_transaction_id", sa.String(length=255), nullable=True),
        sa.Column("stripe_failure_balance_transaction_id", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_payouts")),
        sa.UniqueConstraint("stripe_payout_id", name=op.f("uq_billing_payouts_stripe_payout_id")),
    )
    op.create_index(op.f("ix_billing_payouts_arrival_on"), "billing_payouts", ["arrival_on"])
    op.create_table(
        "billing_payout_lines",
        sa.Column("stripe_balance_transaction_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_payout_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("stripe_source_id", sa.String(length=255), nullable=True),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "gross_minor - fee_minor = net_minor", name=op.f("ck_billing_payout_lines_net_of_gross_and_fee")
        ),
        sa.PrimaryKeyConstraint("stripe_balance_transaction_id", name=op.f("pk_billing_payout_lines")),
    )
    op.create_index(
        op.f("ix_billing_payout_lines_stripe_payout_id"), "billing_payout_lines", ["stripe_payout_id"]
    )
    op.create_table(
        "billing_invoice_payments",
        sa.Column("stripe_payment_intent_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_invoice_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("stripe_payment_intent_id", name=op.f("pk_billing_invoice_payments")),
    )
    op.create_index(
        op.f("ix_billing_invoice_payments_stripe_invoice_id"),
        "billing_invoice_payments",
        ["stripe_invoice_id"],
    )


def downgrade() -> None:
    op.drop_table("billing_invoice_payments")
    op.drop_table("billing_payout_lines")
    op.drop_table("billing_payouts")
    op.drop_table("billing_disputes")
