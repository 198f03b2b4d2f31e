"""Reads Stripe's own list of events, and takes in what no webhook brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.db import reading, transaction
from app.flows.parts import Parts
from app.flows.reconcile.present import fetch_present
from app.flows.reconcile.sweep import NEWS_DAYS
from app.inbox.events import wanted_by
from app.inbox.intake import store_event
from app.inbox.queries import find_unknown_events
from app.kernel.clock import utc_now
from app.reconciliation.cursors import find_cursor, set_cursor, touch_cursor
from app.stripe_gateway.errors import StripeRefused
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from app.stripe_gateway.lists import A_PAGE, EventMark
from app.stripe_gateway.webhook import ReceivedEvent

CURSOR = "events"
KEPT_DAYS = 30
"""So long Stripe lists an event."""
REREAD = timedelta(minutes=10)
"""The cursor stays so far behind the newest event: events of one moment appear in any order."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What came of reading the events.

    Attributes: read: events looked at; new: those no webhook had brought; beyond: whether more time has
        passed than Stripe keeps events for, so that only a full sweep can tell what happened.
    """

    read: int
    new: int
    beyond: bool


def follow_events(parts: Parts) -> Followed:
    """Take in every event since the last one read that no webhook brought.

    Raises: StripeUnavailable, StripeRefused: what was read is kept.
    """
    newest = parts.gateway.lists.newest_event()
    followed = _follow(parts, newest) if newest else Followed(read=0, new=0, beyond=False)
    with transaction(parts.sessions) as session:
        touch_cursor(session, CURSOR, now=utc_now())
    return followed


def _follow(parts: Parts, newest: EventMark) -> Followed:
    with reading(parts.sessions) as session:
        last = find_cursor(session, CURSOR)
    known_until = last.occurred_at if last else None
    beyond = bool(known_until and known_until < newest.occurred_at - timedelta(days=KEPT_DAYS))
    reader = _Reader(parts, newest, present=fetch_present(parts, newest))
    if beyond or not (last and last.stripe_id and reader.read_forwards(last.stripe_id)):
        reader.read_backwards(until=known_until)
    return Followed(read=reader.read, new=reader.new, beyond=beyond)


class _Reader:
    """Reads pages of events, stores what is new of them, and moves the cursor."""

    def __init__(self, parts: Parts, newest: EventMark, *, present: datetime) -> None:
        self._parts = parts
        self._settled_before = newest.occurred_at - REREAD
        self._silent_before = present - timedelta(days=NEWS_DAYS)
        self.read = self.new = 0

    def read_forwards(self, event_id: str) -> bool:
        """Read from one event to the newest; False where Stripe knows that event no more."""
        while True:
            try:
                page = self._parts.gateway.lists.events_after(event_id)
            except StripeRefused as refused:
                if refused.missing:
                    return False
                raise
            self._take_in(page, settled=self._newest_settled(page))
            if len(page) < A_PAGE:
                return True
            event_id = page[0].id

    def read_backwards(self, *, until: datetime | None) -> None:
        """Read from the newest event to one that is known, or to the oldest that Stripe still lists."""
        settled: ReceivedEvent | None = None
        beyond: str | None = None
        while True:
            page = self._parts.gateway.lists.events_after(None, beyond=beyond)
            settled = settled or self._newest_settled(page)
            self._take_in(page, settled=None)
            if len(page) < A_PAGE or (until and page[-1].occurred_at < until):
                break
            beyond = page[-1].id
        self._move(settled)

    def _newest_settled(self, page: list[ReceivedEvent]) -> ReceivedEvent | None:
        return next((event for event in page if event.occurred_at <= self._settled_before), None)

    def _take_in(self, page: list[ReceivedEvent], *, settled: ReceivedEvent | None) -> None:
        """Store what is new on a page, oldest first; the cursor moves only once that is kept."""
        now = utc_now()
        with transaction(self._parts.sessions) as session:
            followed = [event for event in page if event.type in FOLLOWED_EVENTS]
            unknown = find_unknown_events(session, [event.id for event in followed])
            for event in reversed(followed):
                if event.id in unknown:
                    self._store(session.connection(), event, now=now)
        self.read += len(page)
        self.new += len(unknown)
        if settled:
            self._move(settled)

    def _move(self, settled: ReceivedEvent | None) -> None:
        """Set the cursor on an event; where all are too young for it, remember the moment alone."""
        with transaction(self._parts.sessions) as session:
            set_cursor(
                session,
                CURSOR,
                stripe_id=settled.id if settled else None,
                occurred_at=settled.occurred_at if settled else self._settled_before,
                now=utc_now(),
            )

    def _store(self, connection: Connection, event: ReceivedEvent, *, now: datetime) -> None:
        ours = event.livemode == self._parts.livemode
        wanted = wanted_by(event.type, event.object) if ours else None
        store_event(connection, event, wanted, now=now, silent_before=self._silent_before)
