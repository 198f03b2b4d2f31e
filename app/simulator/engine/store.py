"""The state: one SQLite database, in a file or in memory, written before every answer."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.simulator.engine.links import links_of

Json = dict[str, Any]
SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_type ON objects (type, seq);
CREATE TABLE IF NOT EXISTS links (
    type TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (type, field, value, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS due (
    id INTEGER PRIMARY KEY AUTOINCREMENT, clock TEXT NOT NULL, at INTEGER NOT NULL,
    job TEXT NOT NULL, ref TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS due_by_time ON due (clock, at, id);
CREATE INDEX IF NOT EXISTS due_by_ref ON due (ref, job);
CREATE TABLE IF NOT EXISTS balances (
    currency TEXT NOT NULL, available_on INTEGER NOT NULL, net INTEGER NOT NULL,
    PRIMARY KEY (available_on, currency)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, route TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL,
    type TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL, last_status INTEGER, last_error TEXT, mark TEXT);
CREATE TABLE IF NOT EXISTS requests (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (status, next_at, id);
"""
# A state from before there were sums of the balance gets them from its transactions.
ADD_UP = """
INSERT INTO balances SELECT json_extract(body, '$.currency'), json_extract(body, '$.available_on'),
    SUM(json_extract(body, '$.net'))
FROM objects WHERE type = 'balance_transaction' AND NOT EXISTS (SELECT 1 FROM balances) GROUP BY 1, 2;
"""
LISTED = "(SELECT value FROM json_each(?))"
ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
CACHE_KIBIBYTES = 64 * 1024
"""Ids fall anywhere in their indexes, which are soon larger than the 2 MiB SQLite keeps at hand by itself."""
TABLES = ("objects", "links", "due", "balances", "meta", "idempotency", "deliveries", "requests")


@dataclass(frozen=True)
class Query:
    """A page of objects of one type, newest first.

    `where` holds linked fields with the value wanted, `any_of` those with several,
    `like` those with a pattern (`charge.*`); `created` bounds as (operator, instant);
    `bounds` those of another plain field as (field, operator, value), a list for `IN`.
    """

    type: str
    limit: int
    where: dict[str, str] = field(default_factory=dict)
    any_of: dict[str, list[str]] = field(default_factory=dict)
    like: dict[str, str] = field(default_factory=dict)
    created: list[tuple[str, int]] = field(default_factory=list)
    bounds: list[tuple[str, str, Any]] = field(default_factory=list)
    after: str | None = None
    before: str | None = None


class Store:
    """Objects by id and by linked field, and the plain tables beside them."""

    def __init__(self, path: str | None = None) -> None:
        self.lasting = path is not None
        self.db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        self.db.executescript(SCHEMA + ADD_UP)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is written inside, or none of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def clear(self) -> None:
        """Forget everything, within the caller's transaction."""
        for table in TABLES:
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608  # names of our own

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def find(self, object_id: str) -> Json | None:
        """The object as last written, a fresh copy, or None."""
        row = self.db.execute("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return None if row is None else json.loads(row[0])

    def insert(self, obj: Json, created: int) -> None:
        """Write a new object."""
        cursor = self.db.execute(
            "INSERT INTO objects (id, type, created, body) VALUES (?, ?, ?, ?)",
            (obj["id"], obj["object"], created, _dump(obj)),
        )
        self._link(obj["object"], cursor.lastrowid or 0, links_of(obj))

    def replace(self, old: Json, new: Json) -> None:
        """Write an object anew, links included."""
        self.db.execute("UPDATE objects SET body = ? WHERE id = ?", (_dump(new), new["id"]))
        was, now = links_of(old), links_of(new)
        if was != now:
            seq = self._seq(new["id"])
            self._unlink(new["object"], seq, was - now)
            self._link(new["object"], seq, now - was)

    def delete(self, obj: Json) -> None:
        """Remove an object and its links."""
        seq = self._seq(obj["id"])
        self._unlink(obj["object"], seq, links_of(obj))
        self.db.execute("DELETE FROM objects WHERE seq = ?", (seq,))

    def page(self, query: Query) -> tuple[list[Json], bool]:
        """One page, newest first, and whether there is more beyond it."""
        sql, values = self._select(query)
        backwards = query.before is not None
        order = "ASC" if backwards else "DESC"
        rows = self.db.execute(f"{sql} ORDER BY o.seq {order} LIMIT ?", [*values, query.limit + 1]).fetchall()
        found = [json.loads(row[0]) for row in rows[: query.limit]]
        return (found[::-1] if backwards else found), len(rows) > query.limit

    def linked(self, kind: str, field_name: str, value: str) -> list[Json]:
        """Every object of a kind whose field has that value, oldest first."""
        rows = self.db.execute(
            "SELECT o.body FROM links l JOIN objects o ON o.seq = l.seq "
            "WHERE l.type = ? AND l.field = ? AND l.value = ? ORDER BY l.seq",
            (kind, field_name, value),
        )
        return [json.loads(row[0]) for row in rows]

    def all_of(self, kind: str) -> list[Json]:
        """Every object of a kind, oldest first."""
        rows = self.db.execute("SELECT body FROM objects WHERE type = ? ORDER BY seq", (kind,))
        return [json.loads(row[0]) for row in rows]

    def add_to_balance(self, currency: str, available_on: int, net: int) -> bool:
        """Count money that becomes available at an instant (0: at once). Returns: whether it is its first."""
        known = self.db.execute("SELECT 1 FROM balances WHERE available_on = ?", (available_on,)).fetchone()
        self.db.execute(
            "INSERT INTO balances VALUES (?, ?, ?) ON CONFLICT (available_on, currency)"
            " DO UPDATE SET net = net + excluded.net",
            (currency, available_on, net),
        )
        return known is None

    def settle_balance(self, instant: int) -> bool:
        """Count what is available by then as available for good; whether any currency gained."""
        ripe = self.db.execute(
            "SELECT currency, SUM(net) FROM balances WHERE available_on BETWEEN 1 AND ? GROUP BY currency",
            (instant,),
        ).fetchall()
        self.db.execute("DELETE FROM balances WHERE available_on BETWEEN 1 AND ?", (instant,))
        for currency, net in ripe:
            self.add_to_balance(currency, 0, net)
        return any(net > 0 for _, net in ripe)

    def balances(self, instant: int) -> dict[str, tuple[int, int]]:
        """Available and pending at an instant, by currency."""
        rows = self.db.execute(
            "SELECT currency, SUM(net * (available_on <= ?)), SUM(net * (available_on > ?))"
            " FROM balances GROUP BY currency",
            (instant, instant),
        )
        return {currency: (ready, pending) for currency, ready, pending in rows}

    def undelivered(self, event_id: str) -> bool:
        """Whether an endpoint has yet to acknowledge an event."""
        query = "SELECT 1 FROM deliveries WHERE event = ? AND status <> 'succeeded'"
        return self.db.execute(query, (event_id,)).fetchone() is not None

    def read_meta(self, key: str) -> Any:
        """A setting of the simulator itself, or None."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def write_meta(self, key: str, value: Any) -> None:
        """Keep a setting of the simulator itself."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def _seq(self, object_id: str) -> int:
        row = self.db.execute("SELECT seq FROM objects WHERE id = ?", (object_id,)).fetchone()
        return int(row[0])

    def _link(self, kind: str, seq: int, links: set[tuple[str, str]]) -> None:
        self.db.executemany(
            "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?)", [(kind, *link, seq) for link in links]
        )

    def _unlink(self, kind: str, seq: int, links: set[tuple[str, str]]) -> None:
        self.db.executemany(
            "DELETE FROM links WHERE type = ? AND field = ? AND value = ? AND seq = ?",
            [(kind, *link, seq) for link in links],
        )

    def _select(self, query: Query) -> tuple[str, list[Any]]:
        sql, values = "SELECT o.body FROM objects o", []
        conditions, wanted = ["o.type = ?"], [query.type]
        for number, (name, test, given) in enumerate(_link_tests(query)):
            sql += (
                f" JOIN links l{number} ON l{number}.seq = o.seq AND l{number}.type = o.type"
                f" AND l{number}.field = ? AND l{number}.value {test}"
            )
            values += [name, *given]
        bounds: list[tuple[str, Any]] = [(f"o.created {op} ?", at) for op, at in query.created]
        bounds += [_field_test(*bound) for bound in query.bounds]
        if query.after:
            bounds.append(("o.seq < ?", self._seq(query.after)))
        if query.before:
            bounds.append(("o.seq > ?", self._seq(query.before)))
        where = " AND ".join([*conditions, *(text for text, _ in bounds)])
        return f"{sql} WHERE {where}", [*values, *wanted, *(value for _, value in bounds)]


def _link_tests(query: Query) -> Iterator[tuple[str, str, list[str]]]:
    for name, value in query.where.items():
        yield name, "= ?", [value]
    for name, pattern in query.like.items():
        yield name, "GLOB ?", [pattern]
    for name, values in query.any_of.items():
        yield name, f"IN ({', '.join('?' * len(values))})", values


def _field_test(name: str, operator: str, value: Any) -> tuple[str, Any]:
    found = f"json_extract(o.body, '$.{name}')"
    if isinstance(value, list):
        return f"{found} {operator} {LISTED}", json.dumps(value)
    return f"{found} {operator} ?", value


def _dump(obj: Json) -> str:
    return ENCODER.encode(obj)
