"""Create the spine: vault, members, pledges, Stripe's objects, books, receipts, inbox and outbox.

People are sealed, found by a keyed hash and known by a random code from the first row on, because
what was once stored in clear stays in every backup.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "billing_invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_invoice_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_subscription_id", sa.String(length=255), nullable=True),
        sa.Column("stripe_customer_id", sa.String(length=255), nullable=True),
        sa.Column("pledge_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "open",
                "paid",
                "uncollectible",
                "void",
                "deleted",
                name="invoicestatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("billing_reason", sa.String(length=64), nullable=True),
        sa.Column("amount_due", sa.BigInteger(), nullable=False),
        sa.Column("amount_paid", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_invoices")),
        sa.UniqueConstraint("stripe_invoice_id", name=op.f("uq_billing_invoices_stripe_invoice_id")),
    )
    op.create_index(
        op.f("ix_billing_invoices_stripe_subscription_id"),
        "billing_invoices",
        ["stripe_subscription_id"],
        unique=False,
    )
    op.create_table(
        "billing_refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_refund_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_payment_intent_id", sa.String(length=255), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "requires_action",
                "succeeded",
                "failed",
                "canceled",
                name="refundstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stripe_balance_transaction_id", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_billing_refunds_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_refunds")),
        sa.UniqueConstraint("stripe_refund_id", name=op.f("uq_billing_refunds_stripe_refund_id")),
    )
    op.create_index(
        op.f("ix_billing_refunds_stripe_payment_intent_id"),
        "billing_refunds",
        ["stripe_payment_intent_id"],
        unique=False,
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaigns_slug")),
    )
    op.create_table(
        "inbox_events",
        sa.Column("stripe_event_id", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "object_type",
            sa.Enum(
                "checkout.session",
                "customer",
                "subscription",
                "invoice",
                "payment_intent",
                "refund",
                name="objecttype",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("object_id", sa.String(length=255), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stripe_event_id", name=op.f("pk_inbox_events")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbox_events_object_id"), "inbox_events", ["object_id"], unique=False)
    op.create_table(
        "inbox_objects",
        sa.Column("object_id", sa.String(length=255), nullable=False),
        sa.Column(
            "object_type",
            sa.Enum(
                "checkout.session",
                "customer",
                "subscription",
                "invoice",
                "payment_intent",
                "refund",
                name="objecttype",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_inbox_objects")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_inbox_objects_pending",
        "inbox_objects",
        ["retry_at"],
        unique=False,
        sqlite_where=sa.text("wanted > done"),
        postgresql_where=sa.text("wanted > done"),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "payment",
                "refund",
                "refund_failure",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("stripe_balance_transaction_id", sa.String(length=255), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("given_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_currency", sa.String(length=3), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint(
            "stripe_balance_transaction_id", name=op.f("uq_ledger_entries_stripe_balance_transaction_id")
        ),
    )
    op.create_index(
        op.f("ix_ledger_entries_booked_on_currency"),
        "ledger_entries",
        ["booked_on", "currency"],
        unique=False,
    )
    op.create_index(op.f("ix_ledger_entries_member_id"), "ledger_entries", ["member_id"], unique=False)
    op.create_table(
        "pledges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_nonce", sa.String(length=64), nullable=False),
        sa.Column("form_digest", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "interval",
            sa.Enum(
                "once", "month", "year", name="interval", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("campaign_slug", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("resume_key", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("opening_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opening_token", sa.Uuid(), nullable=True),
        sa.Column("stripe_checkout_session_id", sa.String(length=255), nullable=True),
        sa.Column("checkout_url", sa.Text(), nullable=True),
        sa.Column("checkout_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_pledges_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledges")),
        sa.UniqueConstraint("form_nonce", "form_digest", name=op.f("uq_pledges_form_nonce_form_digest")),
        sa.UniqueConstraint("resume_key", name=op.f("uq_pledges_resume_key")),
        sa.UniqueConstraint("stripe_checkout_session_id", name=op.f("uq_pledges_stripe_checkout_session_id")),
    )
    op.create_table(
        "receipt_counters",
        sa.Column("legal_entity", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last_serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("legal_entity", "year", name=op.f("pk_receipt_counters")),
    )
    op.create_table(
        "vault_contacts",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_vault_contacts")),
    )
    op.create_index(op.f("ix_vault_contacts_forget_at"), "vault_contacts", ["forget_at"], unique=False)
    op.create_table(
        "vault_persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_persons")),
        sa.UniqueConstraint("address_hash", name=op.f("uq_vault_persons_address_hash")),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "stripe_balance",
                "processing_fees",
                "contributions",
                "refunds",
                name="account",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "direction",
            sa.Enum(
                "debit", "credit", name="direction", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_postings_amount_positive")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_postings_entry_id_ledger_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_ledger_postings")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["vault_persons.id"],
            name=op.f("fk_members_person_id_vault_persons"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("code", name=op.f("uq_members_code")),
        sa.UniqueConstraint("person_id", name=op.f("uq_members_person_id")),
    )
    op.create_table(
        "billing_customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_customer_id", sa.String(length=255), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_billing_customers_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_customers")),
        sa.UniqueConstraint("stripe_customer_id", name=op.f("uq_billing_customers_stripe_customer_id")),
    )
    op.create_index(op.f("ix_billing_customers_member_id"), "billing_customers", ["member_id"], unique=False)
    op.create_table(
        "billing_payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_payment_intent_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_charge_id", sa.String(length=255), nullable=True),
        sa.Column("stripe_customer_id", sa.String(length=255), nullable=True),
        sa.Column("stripe_invoice_id", sa.String(length=255), nullable=True),
        sa.Column("stripe_subscription_id", sa.String(length=255), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("pledge_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "requires_payment_method",
                "requires_confirmation",
                "requires_action",
                "processing",
                "requires_capture",
                "canceled",
                "succeeded",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "interval",
            sa.Enum(
                "once", "month", "year", name="interval", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_gross_minor", sa.BigInteger(), nullable=True),
        sa.Column("settled_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("settled_currency", sa.String(length=3), nullable=True),
        sa.Column("exchange_rate", sa.Numeric(precision=20, scale=10), nullable=True),
        sa.Column("stripe_balance_transaction_id", sa.String(length=255), nullable=True),
        sa.Column("method", sa.String(length=64), nullable=True),
        sa.Column("method_last4", sa.String(length=4), nullable=True),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_billing_payments_amount_positive")),
        sa.CheckConstraint(
            "amount_refunded_minor >= 0", name=op.f("ck_billing_payments_refunded_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_billing_payments_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_billing_payments_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_payments")),
        sa.UniqueConstraint(
            "stripe_balance_transaction_id", name=op.f("uq_billing_payments_stripe_balance_transaction_id")
        ),
        sa.UniqueConstraint(
            "stripe_payment_intent_id", name=op.f("uq_billing_payments_stripe_payment_intent_id")
        ),
    )
    op.create_index(
        op.f("ix_billing_payments_member_id_paid_at"),
        "billing_payments",
        ["member_id", "paid_at"],
        unique=False,
    )
    op.create_index(op.f("ix_billing_payments_pledge_id"), "billing_payments", ["pledge_id"], unique=False)
    op.create_index(
        op.f("ix_billing_payments_stripe_customer_id"),
        "billing_payments",
        ["stripe_customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billing_payments_stripe_invoice_id"), "billing_payments", ["stripe_invoice_id"], unique=False
    )
    op.create_index(
        op.f("ix_billing_payments_stripe_subscription_id"),
        "billing_payments",
        ["stripe_subscription_id"],
        unique=False,
    )
    op.create_table(
        "billing_subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_subscription_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_customer_id", sa.String(length=255), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("pledge_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "incomplete",
                "incomplete_expired",
                "trialing",
                "active",
                "past_due",
                "canceled",
                "unpaid",
                "paused",
                name="subscriptionstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "interval",
            sa.Enum(
                "once", "month", "year", name="interval", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_billing_subscriptions_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_subscriptions")),
        sa.UniqueConstraint(
            "stripe_subscription_id", name=op.f("uq_billing_subscriptions_stripe_subscription_id")
        ),
    )
    op.create_index(
        op.f("ix_billing_subscriptions_member_id"), "billing_subscriptions", ["member_id"], unique=False
    )
    op.create_index(
        op.f("ix_billing_subscriptions_pledge_id"), "billing_subscriptions", ["pledge_id"], unique=False
    )
    op.create_index(
        op.f("ix_billing_subscriptions_status"), "billing_subscriptions", ["status"], unique=False
    )
    op.create_index(
        op.f("ix_billing_subscriptions_stripe_customer_id"),
        "billing_subscriptions",
        ["stripe_customer_id"],
        unique=False,
    )
    op.create_table(
        "membership_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_subscription_id", sa.String(length=255), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "started",
                "raised",
                "lowered",
                "ended",
                name="factkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "interval",
            sa.Enum(
                "once", "month", "year", name="interval", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_membership_facts_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_membership_facts_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_facts")),
        sa.UniqueConstraint(
            "stripe_subscription_id",
            "kind",
            "occurred_at",
            name=op.f("uq_membership_facts_stripe_subscription_id_kind_occurred_at"),
        ),
    )
    op.create_index(
        op.f("ix_membership_facts_member_id_occurred_at"),
        "membership_facts",
        ["member_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_membership_facts_occurred_on"), "membership_facts", ["occurred_on"], unique=False
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_entity", sa.String(length=32), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=48), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "interval",
            sa.Enum(
                "once", "month", "year", name="interval", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("period_start_on", sa.Date(), nullable=True),
        sa.Column("period_end_on", sa.Date(), nullable=True),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("payment_method", sa.String(length=96), nullable=True),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_receipts_amount_positive")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_receipts_serial_positive")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_receipts_member_id_members")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["billing_payments.id"], name=op.f("fk_receipts_payment_id_billing_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint(
            "legal_entity", "year", "serial", name=op.f("uq_receipts_legal_entity_year_serial")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_number")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_receipts_payment_id")),
    )
    op.create_index(op.f("ix_receipts_member_id"), "receipts", ["member_id"], unique=False)
    op.create_table(
        "outbox_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=128), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "receipt",
                "receipt_again",
                name="mailkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_outbox_mails_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_outbox_mails_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mails")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_mails_dedupe_key")),
    )
    op.create_index(op.f("ix_outbox_mails_member_id"), "outbox_mails", ["member_id"], unique=False)
    op.create_index(
        "ix_outbox_mails_pending",
        "outbox_mails",
        ["retry_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_outbox_mails_pending",
        table_name="outbox_mails",
        sqlite_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
    )
    op.drop_index(op.f("ix_outbox_mails_member_id"), table_name="outbox_mails")
    op.drop_table("outbox_mails")
    op.drop_index(op.f("ix_receipts_member_id"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_index(op.f("ix_membership_facts_occurred_on"), table_name="membership_facts")
    op.drop_index(op.f("ix_membership_facts_member_id_occurred_at"), table_name="membership_facts")
    op.drop_table("membership_facts")
    op.drop_index(op.f("ix_billing_subscriptions_stripe_customer_id"), table_name="billing_subscriptions")
    op.drop_index(op.f("ix_billing_subscriptions_status"), table_name="billing_subscriptions")
    op.drop_index(op.f("ix_billing_subscriptions_pledge_id"), table_name="billing_subscriptions")
    op.drop_index(op.f("ix_billing_subscriptions_member_id"), table_name="billing_subscriptions")
    op.drop_table("billing_subscriptions")
    op.drop_index(op.f("ix_billing_payments_stripe_subscription_id"), table_name="billing_payments")
    op.drop_index(op.f("ix_billing_payments_stripe_invoice_id"), table_name="billing_payments")
    op.drop_index(op.f("ix_billing_payments_stripe_customer_id"), table_name="billing_payments")
    op.drop_index(op.f("ix_billing_payments_pledge_id"), table_name="billing_payments")
    op.drop_index(op.f("ix_billing_payments_member_id_paid_at"), table_name="billing_payments")
    op.drop_table("billing_payments")
    op.drop_index(op.f("ix_billing_customers_member_id"), table_name="billing_customers")
    op.drop_table("billing_customers")
    op.drop_table("members")
    op.drop_table("ledger_postings")
    op.drop_table("vault_persons")
    op.drop_index(op.f("ix_vault_contacts_forget_at"), table_name="vault_contacts")
    op.drop_table("vault_contacts")
    op.drop_table("receipt_counters")
    op.drop_table("pledges")
    op.drop_index(op.f("ix_ledger_entries_member_id"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_booked_on_currency"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(
        "ix_inbox_objects_pending",
        table_name="inbox_objects",
        sqlite_where=sa.text("wanted > done"),
        postgresql_where=sa.text("wanted > done"),
    )
    op.drop_table("inbox_objects")
    op.drop_index(op.f("ix_inbox_events_object_id"), table_name="inbox_events")
    op.drop_table("inbox_events")
    op.drop_table("campaigns")
    op.drop_index(op.f("ix_billing_refunds_stripe_payment_intent_id"), table_name="billing_refunds")
    op.drop_table("billing_refunds")
    op.drop_index(op.f("ix_billing_invoices_stripe_subscription_id"), table_name="billing_invoices")
    op.drop_table("billing_invoices")
