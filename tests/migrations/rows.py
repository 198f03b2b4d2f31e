"""Puts rows into whatever tables a database has, and reads them all back."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

Rows = dict[str, list[dict[str, Any]]]
ID = UUID("0190b5f0-0000-7000-8000-00000000ada1")
ANOTHER = UUID("0190b5f0-0000-7000-8000-00000000be40")
MOMENT = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
MEANT: dict[str, dict[str, Any]] = {
    "asks": {
        "kind": "refund",
        "asked_by": "staff",
        "interval": None,
        "resumes_at": None,
        "charge_at": None,
        "reason": None,
        "refused_at": None,
        "refused_code": None,
        "superseded_at": None,
    },
    "fee_agreements": {"fees_minor": 0},
    "gift_periods": {"starts_at": MOMENT - timedelta(days=1)},
    "pledges": {"fees_minor": 0},
    "outbox_mails": {"contact_id": None},
    "member_merges": {"kept_id": ANOTHER},
}
"""Columns whose CHECKs rule out that every column is set, or is set alike."""
FURTHER: dict[str, dict[str, Any]] = {"members": {"id": ANOTHER, "code": "ben", "person_id": None}}
"""A second row of a table that others point to twice, by what differs in it."""


def fill_empty_tables(engine: sa.Engine) -> None:
    """Insert a row, with every column set, into each table that has none; two where others need two."""
    metadata = reflected(engine)
    with engine.begin() as connection:
        inspector = sa.inspect(connection)
        for table in metadata.sorted_tables:
            if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one():
                continue
            for differing in ({}, FURTHER[table.name]) if table.name in FURTHER else ({},):
                connection.execute(sa.insert(table).values(_row(table, inspector, differing)))


def _row(table: sa.Table, inspector: sa.Inspector, differing: dict[str, Any]) -> dict[str, Any]:
    allowed = allowed_values(inspector, table.name)
    row = {column.name: _value(column, allowed) for column in table.columns}
    meant = MEANT.get(table.name, {}) | differing
    return row | {name: _stored(table.columns[name], meant[name]) for name in meant if name in row}


def _stored(column: sa.Column[Any], value: Any) -> Any:
    """Return a value as a reflected column takes it: SQLite knows an id as its letters."""
    return value.hex if isinstance(value, UUID) and isinstance(column.type, sa.CHAR) else value


def read_all(engine: sa.Engine) -> Rows:
    """Return every row of every table but Alembic's own."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(sa.select(table))]
            for table in reflected(engine).sorted_tables
        }


def reflected(engine: sa.Engine) -> sa.MetaData:
    """Return the tables as the database has them."""
    metadata = sa.MetaData()
    metadata.reflect(engine, only=lambda name, _: name != "alembic_version")
    return metadata


def allowed_values(inspector: sa.Inspector, table: str) -> dict[str, list[str]]:
    """Return what the CHECKs of a table allow in its enumerated columns.

    A CHECK that speaks of NULL ties columns to each other, and lists nothing.
    """
    allowed: dict[str, list[str]] = {}
    for check in inspector.get_check_constraints(table):
        if "NULL" in check["sqltext"]:
            continue
        words = re.findall(r"'([^']*)'", check["sqltext"])
        column = re.search(r"\w+", check["sqltext"].replace("(", " "))
        if words and column:
            allowed[column.group()] = words
    return allowed


def _value(column: sa.Column[Any], allowed: dict[str, list[str]]) -> Any:
    if column.name in allowed:
        return allowed[column.name][0]
    if column.name.endswith("fee_minor"):
        return 0  # gross 1, fee 0, net 1
    values: dict[type[sa.types.TypeEngine[Any]], Any] = {
        sa.Uuid: ID,
        sa.CHAR: ID.hex,
        sa.String: "ada",
        sa.DateTime: MOMENT,
        sa.Date: date(2026, 1, 31),
        sa.LargeBinary: b"\x01sealed",
        sa.Boolean: True,
    }
    return next((value for kind, value in values.items() if isinstance(column.type, kind)), 1)
