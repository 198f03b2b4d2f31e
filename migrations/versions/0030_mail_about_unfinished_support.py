"""Let a mail be about support that was begun and not finished.

On SQLite the table is made anew; no trigger stands on it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KINDS = (
    "receipt",
    "receipt_again",
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
    "address_confirm",
    "address_changed",
    "erased",
)
ADDED = "support_unfinished"


def upgrade() -> None:
    _allow(*KINDS, ADDED)


def downgrade() -> None:
    """Drop the mails that the older release cannot write."""
    op.execute(sa.text("DELETE FROM outbox_mails WHERE kind = 'support_unfinished'"))
    _allow(*KINDS)


def _allow(*kinds: str) -> None:
    check = f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    if op.get_context().dialect.name == "postgresql":
        # A guarantee is not lost: the other one stands in the same transaction. The next one validates it.
        drop = "ALTER TABLE outbox_mails DROP CONSTRAINT ck_outbox_mails_mailkind"
        op.execute(sa.text(f"-- squawk-ignore ban-drop-constraint\n{drop}"))
        add = f"ALTER TABLE outbox_mails ADD CONSTRAINT ck_outbox_mails_mailkind CHECK ({check}) NOT VALID"
        op.execute(sa.text(add))
        return
    with op.batch_alter_table("outbox_mails") as table:
        table.drop_constraint(op.f("ck_outbox_mails_mailkind"), type_="check")
        table.create_check_constraint("mailkind", check)
