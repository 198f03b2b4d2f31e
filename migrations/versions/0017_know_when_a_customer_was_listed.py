"""Remember when a full sweep saw a customer in Stripe's list.

A deleted customer is in no list: it is found as one that we hold to be there and that was not listed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("billing_customers", sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("billing_customers", "listed_at")
