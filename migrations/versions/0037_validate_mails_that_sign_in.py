"""Validate the CHECK that 0036 widened.

PostgreSQL reads every row to validate it, which in the transaction that added it would hold the table all
the while. On SQLite it was checked when the table was made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE outbox_mails VALIDATE CONSTRAINT ck_outbox_mails_mailkind"))


def downgrade() -> None:
    """Leave it valid: 0036 drops it on the way down."""
