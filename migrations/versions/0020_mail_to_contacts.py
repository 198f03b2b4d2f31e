"""Let a mail go to somebody who is no member: a reminder, a pledge that was not finished, a new address.

Such a mail names the contact that the vault keeps for a while, and is dropped once it is forgotten.
On SQLite the table is made anew; no trigger stands on it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TO_ONE = "(member_id IS NULL) != (contact_id IS NULL)"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.add_column("outbox_mails", sa.Column("contact_id", sa.Uuid(), nullable=True))
        # Only the worker reads this column; an older one still running retries such a mail until it is gone.
        nullable = "ALTER TABLE outbox_mails ALTER COLUMN member_id DROP NOT NULL"
        op.execute(sa.text(f"-- squawk-ignore ban-drop-not-null\n{nullable}"))
        check = f"ALTER TABLE outbox_mails ADD CONSTRAINT ck_outbox_mails_to_one CHECK ({TO_ONE}) NOT VALID"
        op.execute(sa.text(check))
        return
    with op.batch_alter_table("outbox_mails") as table:
        table.add_column(sa.Column("contact_id", sa.Uuid(), nullable=True))
        table.alter_column("member_id", existing_type=sa.Uuid(), nullable=True)
        table.create_check_constraint("to_one", TO_ONE)


def downgrade() -> None:
    """Drop the mails that go to nobody the older release knows."""
    op.execute(sa.text("DELETE FROM outbox_mails WHERE member_id IS NULL"))
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint("ck_outbox_mails_to_one", "outbox_mails")
        op.alter_column("outbox_mails", "member_id", nullable=False)
        op.drop_column("outbox_mails", "contact_id")
        return
    with op.batch_alter_table("outbox_mails") as table:
        table.drop_constraint(op.f("ck_outbox_mails_to_one"), type_="check")
        table.alter_column("member_id", existing_type=sa.Uuid(), nullable=False)
        table.drop_column("contact_id")
