"""Make cells that estimate how often one network tells of the appeal: apart from those for signing in.

A busy site would fill the cells for signing in, and lock members out. As there, all are made at once. On
SQLite the table is made anew; no trigger stands on it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

CELLS = 4 * 2048
KNOWN = ("address", "network")
_FILL = """
INSERT INTO sign_in_counters (counted_by, cell, asked, period)
WITH RECURSIVE cells(cell) AS (SELECT 0 UNION ALL SELECT cell + 1 FROM cells WHERE cell < {last})
SELECT 'appeal', cell, 0, 0 FROM cells
"""


def upgrade() -> None:
    _allow(*KNOWN, "appeal")
    op.execute(sa.text(_FILL.format(last=CELLS - 1)))


def downgrade() -> None:
    """Drop the cells that the older release does not know."""
    op.execute(sa.text("DELETE FROM sign_in_counters WHERE counted_by = 'appeal'"))
    _allow(*KNOWN)


def _allow(*counted: str) -> None:
    check = f"counted_by IN ({', '.join(repr(one) for one in counted)})"
    if op.get_context().dialect.name == "postgresql":
        # A guarantee is not lost: the other one stands in the same transaction. 0048 validates it.
        drop = "ALTER TABLE sign_in_counters DROP CONSTRAINT ck_sign_in_counters_countedby"
        op.execute(sa.text(f"-- squawk-ignore ban-drop-constraint\n{drop}"))
        add = f"ALTER TABLE sign_in_counters ADD CONSTRAINT ck_sign_in_counters_countedby CHECK ({check})"
        op.execute(sa.text(f"{add} NOT VALID"))
        return
    with op.batch_alter_table("sign_in_counters") as table:
        table.drop_constraint(op.f("ck_sign_in_counters_countedby"), type_="check")
        table.create_check_constraint("countedby", check)
