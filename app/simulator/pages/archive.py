"""Looking through everything that was kept, at the same cost however much that is."""

import json
from dataclasses import dataclass
from typing import Any

from app.simulator.engine.links import LINKED_FIELDS
from app.simulator.engine.world import World

Json = dict[str, Any]
PER_PAGE = 50
LOOKED_THROUGH = 2000
"""How many of the newest objects of a kind one page looks through."""
COUNTED = 1000
"""Where counting ends: more are `999+`."""
NAMED_AT_MOST = 10
KINDS = sorted({*LINKED_FIELDS, "test_helpers.test_clock"} - {"event"})


@dataclass(frozen=True)
class Search:
    """What is looked for among the objects of a kind; `before` is the place to go on from."""

    kind: str
    type: str = ""
    status: str = ""
    customer: str = ""
    text: str = ""
    before: int = 0


@dataclass(frozen=True)
class Found:
    """Objects, newest first, and where to go on; `before` is 0 at the end."""

    rows: list[Json]
    before: int


def find(world: World, search: Search) -> Found:
    """One page of what fits, out of the newest so many."""
    wanted, values = _conditions(search)
    window = "SELECT seq, body FROM objects WHERE type = ? AND (? = 0 OR seq < ?) ORDER BY seq DESC LIMIT ?"
    bounds = [search.kind, search.before, search.before, LOOKED_THROUGH]
    rows = world.store.db.execute(
        f"SELECT seq, body FROM ({window}) WHERE {wanted} ORDER BY seq DESC LIMIT ?",  # noqa: S608  # ours
        [*bounds, *values, PER_PAGE + 1],
    ).fetchall()
    if len(rows) > PER_PAGE:
        return Found([json.loads(row[1]) for row in rows[:PER_PAGE]], rows[PER_PAGE - 1][0])
    last = world.store.db.execute(
        f"SELECT MIN(seq), COUNT(*) FROM ({window})",  # noqa: S608  # ours
        bounds,
    ).fetchone()
    looked_at_all = last[1] < LOOKED_THROUGH
    return Found([json.loads(row[1]) for row in rows], 0 if looked_at_all else last[0])


def counts(world: World) -> list[tuple[str, str]]:
    """Every kind with how many of it there are, as people are told."""
    query = "SELECT COUNT(*) FROM (SELECT 1 FROM objects WHERE type = ? LIMIT ?)"
    told = []
    for kind in KINDS:
        [count] = world.store.db.execute(query, (kind, COUNTED)).fetchone()
        told.append((kind, f"{COUNTED - 1}+" if count == COUNTED else str(count)))
    return told


def events_about(world: World, object_id: str) -> list[Json]:
    """The newest events about an object."""
    rows = world.store.db.execute(
        "SELECT o.body FROM links l JOIN objects o ON o.seq = l.seq WHERE l.type = 'event' "
        "AND l.field = 'data.object.id' AND l.value = ? ORDER BY l.seq DESC LIMIT 30",
        (object_id,),
    )
    return [json.loads(row[0]) for row in rows]


def naming(world: World, object_id: str) -> list[tuple[str, str]]:
    """Objects that name this one, by (kind, id): a customer's invoices, a charge's refunds."""
    found: dict[str, str] = {}
    for kind, names in LINKED_FIELDS.items():
        if kind == "event":
            continue
        for name in {*names, "subscription"}:
            rows = world.store.db.execute(
                "SELECT o.id FROM links l JOIN objects o ON o.seq = l.seq "
                "WHERE l.type = ? AND l.field = ? AND l.value = ? ORDER BY l.seq DESC LIMIT ?",
                (kind, name, object_id, NAMED_AT_MOST),
            )
            found |= dict.fromkeys((row[0] for row in rows), kind)
    return sorted((kind, named) for named, kind in found.items())


def deliveries(world: World, *, status: str, type_: str, before: int) -> tuple[list[Json], int]:
    """A page of deliveries, newest first, out of the newest so many; and where to go on, or 0."""
    columns = "id, event, endpoint, type, status, attempts, last_status, last_error, mark"
    rows = world.store.db.execute(
        f"SELECT {columns} FROM (SELECT * FROM deliveries WHERE (? = 0 OR id < ?) "  # noqa: S608  # ours
        "ORDER BY id DESC LIMIT ?) WHERE (? = '' OR status = ?) AND (? = '' OR type GLOB ?) "
        "ORDER BY id DESC LIMIT ?",
        (before, before, LOOKED_THROUGH, status, status, type_, type_, PER_PAGE + 1),
    ).fetchall()
    shown = [dict(zip(columns.split(", "), row, strict=True)) for row in rows[:PER_PAGE]]
    return shown, shown[-1]["id"] if len(rows) > PER_PAGE else 0


def delivery_counts(world: World) -> dict[str, str]:
    """How many deliveries are in each status, as people are told."""
    query = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE status = ? LIMIT ?)"
    told = {}
    for status in ("pending", "held", "failed", "dropped", "succeeded"):
        [count] = world.store.db.execute(query, (status, COUNTED)).fetchone()
        told[status] = f"{COUNTED - 1}+" if count == COUNTED else str(count)
    return told


def _conditions(search: Search) -> tuple[str, list[str]]:
    tests, values = ["1"], []
    for path, value in (("$.status", search.status), ("$.customer", search.customer)):
        if value:
            tests.append("json_extract(body, ?) = ?")
            values += [path, value]
    if search.type:
        tests.append("json_extract(body, '$.type') GLOB ?")
        values.append(search.type.replace("[", "[[]"))
    if search.text:
        tests.append("instr(lower(body), ?) > 0")
        values.append(search.text.lower())
    return " AND ".join(tests), values
