"""Add what is followed now of customers, subscriptions, invoices, payments, wanted objects and mails.

Pauses, tries, reasons for a decline, the card's last month; the number a receipt has at Stripe; the
digest that a sweep compares; what a letter is about.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("billing_customers", sa.Column("address_digest", sa.String(length=64), nullable=True))
    op.add_column(
        "billing_subscriptions", sa.Column("cancellation_reason", sa.String(length=64), nullable=True)
    )
    op.add_column(
        "billing_subscriptions", sa.Column("cancellation_feedback", sa.String(length=64), nullable=True)
    )
    op.add_column("billing_subscriptions", sa.Column("trial_end", sa.DateTime(timezone=True), nullable=True))
    op.add_column("billing_subscriptions", sa.Column("pause_behavior", sa.String(length=32), nullable=True))
    op.add_column(
        "billing_subscriptions", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("billing_subscriptions", sa.Column("method", sa.String(length=64), nullable=True))
    op.add_column("billing_subscriptions", sa.Column("method_last4", sa.String(length=4), nullable=True))
    op.add_column("billing_subscriptions", sa.Column("method_expires_on", sa.Date(), nullable=True))
    op.add_column(
        "billing_invoices", sa.Column("attempt_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("billing_invoices", sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("billing_invoices", sa.Column("finalized_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("billing_payments", sa.Column("decline_code", sa.String(length=64), nullable=True))
    op.add_column("billing_payments", sa.Column("kept_receipt_number", sa.String(length=48), nullable=True))
    op.add_column("inbox_objects", sa.Column("wanted_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbox_objects", sa.Column("silent_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbox_objects", sa.Column("digest", sa.String(length=32), nullable=True))
    op.add_column("outbox_mails", sa.Column("about_id", sa.String(length=255), nullable=True))
    op.add_column("outbox_mails", sa.Column("matter", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox_mails", "matter")
    op.drop_column("outbox_mails", "about_id")
    op.drop_column("inbox_objects", "digest")
    op.drop_column("inbox_objects", "silent_before")
    op.drop_column("inbox_objects", "wanted_since")
    op.drop_column("billing_payments", "kept_receipt_number")
    op.drop_column("billing_payments", "decline_code")
    op.drop_column("billing_invoices", "finalized_at")
    op.drop_column("billing_invoices", "next_attempt_at")
    op.drop_column("billing_invoices", "attempt_count")
    op.drop_column("billing_subscriptions", "method_expires_on")
    op.drop_column("billing_subscriptions", "method_last4")
    op.drop_column("billing_subscriptions", "method")
    op.drop_column("billing_subscriptions", "paused_until")
    op.drop_column("billing_subscriptions", "pause_behavior")
    op.drop_column("billing_subscriptions", "trial_end")
    op.drop_column("billing_subscriptions", "cancellation_feedback")
    op.drop_column("billing_subscriptions", "cancellation_reason")
    op.drop_column("billing_customers", "address_digest")
