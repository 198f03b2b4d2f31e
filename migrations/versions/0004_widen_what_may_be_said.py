"""Widen the words that columns may hold: disputes, payouts, states of a membership and the mails about them.

The CHECKs of the first migration listed what was followed then. On SQLite the text of the CHECK is
replaced where it stands, SQLite's own procedure for a change that touches no row, because a table made
anew would lose the triggers that keep the books from being changed.
https://www.sqlite.org/lang_altertable.html#otheralter
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OBJECTS = ("checkout.session", "customer", "subscription", "invoice", "payment_intent", "refund")
_MORE_OBJECTS = ("dispute", "payout")
_KNOWN = {
    ("inbox_events", "object_type", "objecttype"): _OBJECTS,
    ("inbox_objects", "object_type", "objecttype"): _OBJECTS,
    ("ledger_entries", "kind", "entrykind"): ("payment", "refund", "refund_failure"),
    ("ledger_postings", "account", "account"): (
        "stripe_balance",
        "processing_fees",
        "contributions",
        "refunds",
    ),
    ("membership_facts", "kind", "factkind"): ("started", "raised", "lowered", "ended"),
    ("outbox_mails", "kind", "mailkind"): ("receipt", "receipt_again"),
}
_ADDED = {
    ("inbox_events", "object_type", "objecttype"): _MORE_OBJECTS,
    ("inbox_objects", "object_type", "objecttype"): _MORE_OBJECTS,
    ("ledger_entries", "kind", "entrykind"): (
        "dispute",
        "dispute_reversal",
        "payout",
        "payout_failure",
        "stripe_fee",
        "adjustment",
    ),
    ("ledger_postings", "account", "account"): (
        "disputes",
        "dispute_fees",
        "stripe_fees",
        "bank",
        "adjustments",
    ),
    ("membership_facts", "kind", "factkind"): ("paused", "resumed", "past_due", "recovered", "lapsed"),
    ("outbox_mails", "kind", "mailkind"): (
        "credit_note",
        "payment_failed",
        "payment_reminder",
        "payment_last_notice",
        "payment_needs_action",
        "payment_recovered",
        "card_expiring",
        "charge_coming",
        "second_subscription",
        "support_changed",
        "support_paused",
        "support_resumed",
        "support_ending",
        "support_ended",
    ),
}


def upgrade() -> None:
    for column, known in _KNOWN.items():
        _allow(*column, words=(*known, *_ADDED[column]))


def downgrade() -> None:
    for column, known in _KNOWN.items():
        _allow(*column, words=known)


def _allow(table: str, column: str, kind: str, *, words: tuple[str, ...]) -> None:
    name = f"ck_{table}_{kind}"
    listed = ", ".join(f"'{word}'" for word in words)
    if op.get_context().dialect.name == "postgresql":
        # A guarantee is not lost: the wider one stands in the same transaction. 0005 validates it.
        op.execute(
            sa.text(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT {name}")
        )
        op.execute(
            sa.text(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID")
        )
        return
    _replace_check(table, name, listed)


def _replace_check(table: str, name: str, listed: str) -> None:
    connection = op.get_bind()
    find = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    old = connection.execute(find, {"table": table}).scalar_one()
    new, count = re.subn(rf"(CONSTRAINT {name} CHECK \(\w+ IN \()[^)]*\)", rf"\1{listed})", old)
    assert count == 1, name  # noqa: S101 (else the schema is not the one this migration follows)
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    change = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table")
    connection.execute(change, {"sql": new, "table": table})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
