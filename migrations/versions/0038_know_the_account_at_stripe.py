"""Remember which account at Stripe this database was filled from.

A key of another account knows none of our objects, and all of them would be held to be gone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deployment", sa.Column("kept_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("deployment", "kept_since")
