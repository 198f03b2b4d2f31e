"""Say what state a fact of a membership leads to, and what brought it about.

With nine kinds of facts the last one alone no longer tells how a membership stands: one that was
raised while past due is past due still. Until now a membership was either running or ended.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


STATES = "'active', 'past_due', 'lapsed', 'paused', 'ended'"
CAUSES = "'member', 'staff', 'dunning', 'stripe'"
STATE = "ck_membership_facts_membershipstate"
CAUSE = "ck_membership_facts_factcause"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        _add_on_postgresql()
    else:
        _add_on_sqlite()
    op.execute(sa.text("UPDATE membership_facts SET state = 'ended' WHERE kind = 'ended'"))


def _add_on_postgresql() -> None:
    state = sa.Column("state", sa.String(length=32), server_default="active", nullable=False)
    op.add_column("membership_facts", state)
    op.add_column("membership_facts", sa.Column("cause", sa.String(length=32), nullable=True))
    for name, check in ((STATE, f"state IN ({STATES})"), (CAUSE, f"cause IN ({CAUSES})")):
        op.execute(sa.text(f"ALTER TABLE membership_facts ADD CONSTRAINT {name} CHECK ({check}) NOT VALID"))


def _add_on_sqlite() -> None:
    """Add them with their CHECKs, which SQLite takes with a new column only."""
    for column in (
        f"state VARCHAR(32) DEFAULT 'active' NOT NULL CONSTRAINT {STATE} CHECK (state IN ({STATES}))",
        f"cause VARCHAR(32) CONSTRAINT {CAUSE} CHECK (cause IN ({CAUSES}))",
    ):
        op.execute(sa.text(f"ALTER TABLE membership_facts ADD COLUMN {column}"))


def downgrade() -> None:
    op.drop_column("membership_facts", "cause")
    op.drop_column("membership_facts", "state")
