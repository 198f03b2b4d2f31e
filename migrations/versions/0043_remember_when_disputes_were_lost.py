"""Keep the day a dispute was lost beside it.

It was read from the events each time anew, and those are not kept for ever.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

LOST = """
UPDATE billing_disputes SET lost_at = (
    SELECT max(occurred_at) FROM inbox_events WHERE object_id = billing_disputes.stripe_dispute_id
) WHERE status = 'lost'
"""


def upgrade() -> None:
    op.add_column("billing_disputes", sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text(LOST))


def downgrade() -> None:
    op.drop_column("billing_disputes", "lost_at")
