"""Remember where Stripe shows one member's address on another member's customer.

Somebody typed it in Stripe's dashboard. Nothing is changed by it: staff settle which of the two is meant.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("billing_customers", sa.Column("address_of_member_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("billing_customers", "address_of_member_id")
