"""Stores events and marks the objects they name as wanted.

The statements are built once: intake is the busiest door of the house, and building them anew would
cost more than the database does.
"""

from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.inbox.events import Wanted
from app.inbox.models import InboxEvent, WantedObject
from app.stripe_gateway.webhook import ReceivedEvent

_EVENTS = cast("sa.Table", InboxEvent.__table__)
_OBJECTS = cast("sa.Table", WantedObject.__table__)
_EVENT_COLUMNS = ("stripe_event_id", "type", "livemode", "object_type", "object_id")
_EVENT_DATES = ("occurred_at", "received_at")
_OBJECT_COLUMNS = (
    "object_id",
    "object_type",
    "wanted",
    "done",
    "attempts",
    "retry_at",
    "wanted_since",
    "silent_before",
)

_Insert = postgresql.Insert | sqlite.Insert


def store_event(
    connection: Connection,
    event: ReceivedEvent,
    wanted: Wanted | None,
    *,
    now: datetime,
    silent_before: datetime | None = None,
) -> bool:
    """Store an event once and ask for the object it names; returns whether it is new.

    On PostgreSQL one statement does both, so it needs no transaction around it. For `silent_before` see
    `want`.
    """
    statements = _STATEMENTS[connection.dialect.name]
    values = _event_values(event, wanted, now=now)
    if wanted is None:
        return connection.execute(statements.event, values).first() is not None
    asked = _object_values(wanted, now=now, silent_before=silent_before)
    if statements.both is not None:
        return connection.execute(statements.both, {**values, **asked}).first() is not None
    is_new = connection.execute(statements.event, values).first() is not None
    if is_new:
        connection.execute(statements.object, asked)
    return is_new


def want(session: Session, wanted: Wanted, *, now: datetime, silent_before: datetime | None = None) -> None:
    """Ask for the newest picture of an object; a later call asks for a still newer one.

    Args: silent_before: nothing that happened to it earlier is mailed about; an object that is waiting
        already, as for a webhook, keeps what it was asked for with.
    """
    statements = _STATEMENTS[session.get_bind().dialect.name]
    session.execute(statements.object, _object_values(wanted, now=now, silent_before=silent_before))


def _event_values(event: ReceivedEvent, wanted: Wanted | None, *, now: datetime) -> dict[str, Any]:
    return {
        "event_stripe_event_id": event.id,
        "event_type": event.type,
        "event_livemode": event.livemode,
        "event_object_type": wanted[0] if wanted else None,
        "event_object_id": wanted[1] if wanted else None,
        "event_occurred_at": event.occurred_at,
        "event_received_at": now,
    }


def _object_values(wanted: Wanted, *, now: datetime, silent_before: datetime | None = None) -> dict[str, Any]:
    return {
        "object_object_id": wanted[1],
        "object_object_type": wanted[0],
        "object_wanted": 1,
        "object_done": 0,
        "object_attempts": 0,
        "object_retry_at": now,
        "object_wanted_since": now,
        "object_silent_before": silent_before,
    }


class _Statements(NamedTuple):
    event: sa.Executable
    object: sa.Executable
    both: sa.Executable | None


def _bound(table: sa.Table, columns: tuple[str, ...], prefix: str) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"{prefix}_{name}", type_=table.c[name].type) for name in columns}


def _event_insert(insert: _Insert) -> sa.Executable:
    bound = _bound(_EVENTS, _EVENT_COLUMNS + _EVENT_DATES, "event")
    once = insert.values(bound).on_conflict_do_nothing(index_elements=["stripe_event_id"])
    return once.returning(_EVENTS.c.stripe_event_id)


def _wanted_once_more(insert: _Insert) -> _Insert:
    """An object that waits out a failure keeps its hour, and what is due earlier is never put off."""
    waits = _OBJECTS.c.wanted > _OBJECTS.c.done
    is_due_earlier = sa.and_(waits, _OBJECTS.c.retry_at <= insert.excluded.retry_at)
    keeps = sa.or_(_OBJECTS.c.attempts > 0, is_due_earlier)
    retry_at = sa.case((keeps, _OBJECTS.c.retry_at), else_=insert.excluded.retry_at)
    return insert.on_conflict_do_update(
        index_elements=["object_id"],
        set_={
            "wanted": _OBJECTS.c.wanted + 1,
            "retry_at": retry_at,
            "wanted_since": sa.case((waits, _OBJECTS.c.wanted_since), else_=insert.excluded.wanted_since),
            "silent_before": sa.case((waits, _OBJECTS.c.silent_before), else_=insert.excluded.silent_before),
        },
    )


def _object_insert(insert: _Insert) -> sa.Executable:
    return _wanted_once_more(insert.values(_bound(_OBJECTS, _OBJECT_COLUMNS, "object")))


def _both_inserts() -> sa.Executable:
    event = cast("postgresql.Insert", _event_insert(postgresql.insert(_EVENTS))).cte("new_event")
    bound = _bound(_OBJECTS, _OBJECT_COLUMNS, "object")
    row = sa.select(*bound.values()).where(sa.exists(sa.select(event.c.stripe_event_id)))
    object_of_it = postgresql.insert(_OBJECTS).from_select(list(_OBJECT_COLUMNS), row)
    return cast("postgresql.Insert", _wanted_once_more(object_of_it)).returning(_OBJECTS.c.object_id)


_STATEMENTS = {
    "sqlite": _Statements(
        event=_event_insert(sqlite.insert(_EVENTS)), object=_object_insert(sqlite.insert(_OBJECTS)), both=None
    ),
    "postgresql": _Statements(
        event=_event_insert(postgresql.insert(_EVENTS)),
        object=_object_insert(postgresql.insert(_OBJECTS)),
        both=_both_inserts(),
    ),
}
