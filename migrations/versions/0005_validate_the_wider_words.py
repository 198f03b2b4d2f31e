"""Validate the CHECKs that 0004 widened.

PostgreSQL reads every row to validate one, which in the transaction that replaced it would hold the
table all the while. SQLite knows no CHECK that is not valid: there is nothing to do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHECKS = (
    ("inbox_events", "objecttype"),
    ("inbox_objects", "objecttype"),
    ("ledger_entries", "entrykind"),
    ("ledger_postings", "account"),
    ("membership_facts", "factkind"),
    ("outbox_mails", "mailkind"),
)


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, kind in CHECKS:
            op.execute(sa.text(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{kind}"))


def downgrade() -> None:
    """Leave them valid: they are replaced by 0004 on the way down."""
