"""Validate the CHECKs of mails and of mail choices that 0045 widened.

PostgreSQL reads every row to validate them, which in the transaction that replaced them would hold the tables
all the while. On SQLite they were checked when the tables were made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

WIDENED = {"outbox_mails": "mailkind", "outbox_refusals": "mailtopic"}


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, check in WIDENED.items():
            op.execute(sa.text(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{check}"))


def downgrade() -> None:
    """Leave them valid: 0045 replaces them on the way down."""
