"""Validate the CHECKs that 0028 widened.

Outside the transaction that replaced them, for the reason 0005 gives.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

CHECKS = (("asks", "askkind"), ("asks", "askmatter"), ("outbox_mails", "mailkind"))


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, kind in CHECKS:
            op.execute(sa.text(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{kind}"))


def downgrade() -> None:
    """Leave them valid: they are replaced by 0028 on the way down."""
