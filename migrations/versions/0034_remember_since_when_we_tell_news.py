"""Remember since when what happens at Stripe is news of ours.

A deployment that is there already has mailed about everything so far, and goes on doing so: its row says
that all is news. A new one is given the instant of its first start.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

LONG_AGO = {
    "sqlite": "UPDATE deployment SET news_since = '1970-01-01 00:00:00.000000'",
    "postgresql": "UPDATE deployment SET news_since = '1970-01-01 00:00:00+00'",
}


def upgrade() -> None:
    op.add_column("deployment", sa.Column("news_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text(LONG_AGO[op.get_context().dialect.name]))


def downgrade() -> None:
    op.drop_column("deployment", "news_since")
