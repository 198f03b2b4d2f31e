"""Let a mail be one that signs its reader in.

On SQLite the table is made anew; no trigger stands on it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KNOWN = (
    "receipt", "receipt_again", "credit_note", "payment_failed", "payment_reminder", "payment_last_notice",
    "payment_needs_action", "payment_recovered", "card_expiring", "charge_coming", "second_subscription",
    "support_changed", "support_paused", "support_resumed", "support_ending", "support_ended",
    "address_confirm", "address_changed", "erased", "support_unfinished", "reminder_confirm", "reminder",
)  # fmt: skip


def upgrade() -> None:
    _allow(*KNOWN, "sign_in")


def downgrade() -> None:
    """Drop the mails that the older release does not know."""
    op.execute(sa.text("DELETE FROM outbox_mails WHERE kind = 'sign_in'"))
    _allow(*KNOWN)


def _allow(*kinds: str) -> None:
    check = f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    if op.get_context().dialect.name == "postgresql":
        # A guarantee is not lost: the other one stands in the same transaction. 0037 validates it.
        drop = "ALTER TABLE outbox_mails DROP CONSTRAINT ck_outbox_mails_mailkind"
        op.execute(sa.text(f"-- squawk-ignore ban-drop-constraint\n{drop}"))
        add = f"ALTER TABLE outbox_mails ADD CONSTRAINT ck_outbox_mails_mailkind CHECK ({check}) NOT VALID"
        op.execute(sa.text(add))
        return
    with op.batch_alter_table("outbox_mails") as table:
        table.drop_constraint(op.f("ck_outbox_mails_mailkind"), type_="check")
        table.create_check_constraint("mailkind", check)
