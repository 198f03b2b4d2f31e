"""The database: base class, shared column types, engine and the only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from app.kernel.ids import new_id
from app.kernel.network_guard import network_forbidden

BUSY_TIMEOUT_MS = 30_000
READ_ONLY = "small_favor_read_only"
_READING: dict[str, dict[str, Any]] = {
    "sqlite": {READ_ONLY: True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""How a reader's transaction begins; PostgreSQL would else show each statement a newer picture."""

Sessions = sessionmaker[Session]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware instant into UTC for the driver."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants are aware")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Give every stored instant back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_type(kind: type[StrEnum]) -> sa.Enum:
    """Return a column type that stores an enum by value, with a CHECK named after it."""
    return sa.Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
    )


IdKey = Annotated[UUID, mapped_column(sa.Uuid, primary_key=True, default=new_id)]
Minor = Annotated[int, mapped_column(sa.BigInteger)]
CurrencyCode = Annotated[str, mapped_column(sa.String(3))]
StripeId = Annotated[str, mapped_column(sa.String(255))]


class Base(DeclarativeBase):
    """Every table's base: named constraints, aware instants."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy's declaration)
        datetime: UtcDateTime(),
        UUID: sa.Uuid(),
    }


def create_db_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///…` or `postgresql://…`, set up for our way of locking.

    Its errors never show parameters, which may hold a person.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        connect_args={"connect_timeout": 5},
    )


def _sqlite_engine(url: str) -> Engine:
    """Return an engine for a file, whose folder is made if it is missing."""
    name = make_url(url).database
    if name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """Yield a session, commit at the end, roll back on any error; no network inside."""
    with network_forbidden(), sessions.begin() as session:
        yield session


@contextmanager
def lean_transaction(sessions: Sessions) -> Iterator[Connection]:
    """Yield a bare connection for work of one statement on PostgreSQL, a few on SQLite.

    On PostgreSQL each statement commits by itself, which saves two ways to the server; on SQLite
    it is a transaction like any other.
    """
    engine: Engine = sessions.kw["bind"]
    if engine.dialect.name == "sqlite":
        with network_forbidden(), engine.begin() as connection:
            yield connection
        return
    with network_forbidden(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """Yield a session that only reads: one consistent picture, no write lock, never committed."""
    with network_forbidden(), sessions() as session:
        session.connection(execution_options=_READING[session.get_bind().dialect.name])
        yield session


def insert_once(session: Session, model: type[Base], values: dict[str, Any]) -> bool:
    """Insert a row unless a unique key already holds it.

    Returns: whether this call inserted it. Never raises for the duplicate, and leaves the
    transaction usable, on both databases.
    """
    statement = upsert(session, model).values(values).on_conflict_do_nothing()
    return session.execute(statement.returning(sa.literal(1))).first() is not None


def changed_rows(session: Session, statement: sa.Executable) -> int:
    """Execute an INSERT, UPDATE or DELETE and return how many rows it touched."""
    result = session.execute(statement)
    assert isinstance(result, sa.CursorResult)  # noqa: S101 (what DML always gives; for the type checker)
    return result.rowcount


def take_oldest(
    session: Session, model: type[Base], which: sa.ColumnElement[bool], *, by: Any, limit: int
) -> list[Any]:
    """Return the keys of at most so many rows, the oldest first; locked, without those that others hold."""
    key = sa.inspect(model).primary_key[0]
    some = sa.select(key).where(which).order_by(by).limit(limit).with_for_update(of=model, skip_locked=True)
    return list(session.scalars(some))


def delete_oldest(
    session: Session, model: type[Base], which: sa.ColumnElement[bool], *, by: Any, limit: int
) -> int:
    """Delete at most so many rows, the oldest first; returns how many. What others hold is left for later."""
    keys = take_oldest(session, model, which, by=by, limit=limit)
    key = sa.inspect(model).primary_key[0]
    return changed_rows(session, sa.delete(model).where(key.in_(keys))) if keys else 0


def upsert(session: Session, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return the dialect's INSERT that knows ON CONFLICT."""
    table = cast("sa.Table", model.__table__)
    sqlite_here = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if sqlite_here else postgresql.insert(table)


def save_row(session: Session, model: type[Base], key: str, values: dict[str, Any]) -> UUID:
    """Insert a row, or set its values where the unique column `key` already holds it.

    Returns: the row's `id`, the old one where there was one.
    """
    statement = upsert(session, model).values(id=new_id(), **values)
    newer = {name: statement.excluded[name] for name in values if name != key}
    saved = statement.on_conflict_do_update(index_elements=[key], set_=newer)
    return UUID(str(session.execute(saved.returning(model.__table__.c.id)).scalar_one()))
