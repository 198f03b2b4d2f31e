"""Remember which credit note's number Stripe keeps on a refund.

As with a receipt's number on a payment: a database restored from a backup finds it there again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("billing_refunds", sa.Column("kept_note_number", sa.String(length=48), nullable=True))


def downgrade() -> None:
    op.drop_column("billing_refunds", "kept_note_number")
