"""One Stripe account: its objects, its clock, and everything that becomes due."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.simulator.contract.responses import complete
from app.simulator.engine.clock import Clock
from app.simulator.engine.errors import no_such
from app.simulator.engine.ids import new_id
from app.simulator.engine.store import Store

Json = dict[str, Any]
Job = Callable[["World", str], None]
Presenter = Callable[["World", Json], Json]
MAX_SLEEP_SECONDS = 3600
UPDATED = {
    "charge": "charge.updated",
    "credit_note": "credit_note.updated",
    "customer": "customer.updated",
    "dispute": "charge.dispute.updated",
    "invoice": "invoice.updated",
    "payment_method": "payment_method.updated",
    "payout": "payout.updated",
    "price": "price.updated",
    "product": "product.updated",
    "refund": "refund.updated",
    "subscription": "customer.subscription.updated",
}
"""How Stripe tells of a change that has no name of its own; of other kinds it does not."""
UNTOLD = {"customer": {"next_invoice_sequence"}}
"""Fields whose change alone is not worth an event."""


@dataclass(frozen=True)
class Cause:
    """The API request behind a change, as its events name it; both None for automatic ones."""

    request_id: str | None = None
    idempotency_key: str | None = None


class World:
    """The account. Every method is called with `lock` held, inside a transaction when it writes.

    Attributes: jobs: what to do when something is due, by name; presenters: how stored
    objects are shown, by Stripe's object name.
    """

    def __init__(self, store: Store, *, clock: Clock, version: str) -> None:
        self.store = store
        self.clock = clock
        self.version = version
        self.lock = threading.RLock()
        self.woken = threading.Condition()
        self.jobs: dict[str, Job] = {}
        self.presenters: dict[str, Presenter] = {}
        self.cause = Cause()
        self.base_url = ""
        self.loses: Callable[[str], bool] = _loses_nothing
        self._bound_clock = ""
        self._bound_now = 0
        self._next_due: int | None = None
        self._told: dict[str, Json] = {}

    def now(self) -> int:
        """The present second, by the test clock in charge where there is one."""
        return self._bound_now if self._bound_clock else self.clock.now()

    @contextmanager
    def transaction(self, cause: Cause | None = None) -> Iterator[None]:
        """Write all of it or nothing, on the global clock unless told otherwise."""
        self.cause = cause or Cause()
        try:
            with self.store.transaction():
                yield
                self.tell_rest()
        finally:
            self.cause = Cause()
            self._told.clear()
            self.leave_test_clock()

    def enter_test_clock(self, clock_id: str | None) -> None:
        """Run on a test clock until the transaction ends; None changes nothing."""
        if clock_id:
            self._bound_clock = clock_id
            self._bound_now = self.get("test_helpers.test_clock", clock_id)["frozen_time"]

    def leave_test_clock(self) -> None:
        """Run on the global clock again."""
        self._bound_clock = ""

    @property
    def test_clock(self) -> str | None:
        """The test clock in charge, if any."""
        return self._bound_clock or None

    def get(self, kind: str, object_id: str, *, param: str = "id") -> Json:
        """A stored object. Raises: StripeError: there is none of that kind by that id."""
        found = self.store.find(object_id)
        if found is None or found["object"] != kind:
            raise no_such(kind, object_id, param=param)
        return found

    def create(self, obj: Json, event: str | None = None) -> Json:
        """Store a new object and tell of it."""
        obj.setdefault("id", new_id(obj["object"]))
        self.store.insert(obj, obj.get("created", self.now()))
        if event:
            self.emit(event, obj)
        return obj

    def save(self, obj: Json, *events: str) -> Json:
        """Store a changed object; each `.updated` event carries what was last told otherwise.

        Without an event the change is told by the next one, or when the transaction ends.
        """
        before = self.store.find(obj["id"])
        if before is None:
            raise no_such(obj["object"], obj["id"])
        told = self._told.setdefault(obj["id"], self.present(before))
        self.store.replace(before, obj)
        for event in events:
            if not event.endswith(".updated"):
                self.emit(event, obj)
                continue
            previous = self._changes(told, obj)
            if previous:
                self.emit(event, obj, previous=previous)
        return obj

    def tell_rest(self) -> None:
        """Tell of every change that no event of this transaction has told."""
        for object_id, told in list(self._told.items()):
            now = self.store.find(object_id)
            if now is None or now["object"] not in UPDATED:
                continue
            previous = self._changes(told, now)
            if previous.keys() - UNTOLD.get(now["object"], set()):
                self.emit(UPDATED[now["object"]], now, previous=previous)
        self._told.clear()

    def _changes(self, told: Json, obj: Json) -> Json:
        """What was told otherwise, with the nulls that every answer shows."""
        return difference(complete(told), complete(self.present(obj)))

    def emit(self, event_type: str, obj: Json, *, previous: Json | None = None) -> None:
        """Write down an event and a delivery for every endpoint that listens to it."""
        self._told.pop(obj.get("id", ""), None)
        if self.loses(event_type):
            return
        endpoints = listening(self.store, event_type)
        event: Json = {
            "id": new_id("event"),
            "object": "event",
            "api_version": self.version,
            "created": self.now(),
            "data": {"object": self.present(obj)},
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": self.cause.request_id, "idempotency_key": self.cause.idempotency_key},
            "type": event_type,
        }
        if previous is not None:
            event["data"]["previous_attributes"] = previous
        self.store.insert(event, event["created"])
        for endpoint in endpoints:
            self.queue_delivery(event, endpoint)

    def queue_delivery(self, event: Json, endpoint: Json) -> None:
        """Have an event sent to an endpoint as soon as the transaction is through."""
        self.store.db.execute(
            "INSERT INTO deliveries (event, endpoint, type, status, next_at) VALUES (?, ?, ?, 'pending', 0)",
            (event["id"], endpoint["id"], event["type"]),
        )

    def present(self, obj: Json) -> Json:
        """An object as the API shows it, before nulls are filled in."""
        presenter = self.presenters.get(obj["object"])
        shown = presenter(self, obj) if presenter else obj
        return {key: value for key, value in shown.items() if not key.startswith("_")}

    def schedule(self, at: int, job: str, ref: str) -> None:
        """Have a job done at an instant of the clock in charge."""
        self.store.db.execute(
            "INSERT INTO due (clock, at, job, ref) VALUES (?, ?, ?, ?)", (self._bound_clock, at, job, ref)
        )
        self._next_due = None
        with self.woken:
            self.woken.notify_all()

    def schedule_globally(self, at: int, job: str, ref: str) -> None:
        """Have a job done at an instant of the account's own clock, whichever is in charge now."""
        bound, self._bound_clock = self._bound_clock, ""
        self.schedule(at, job, ref)
        self._bound_clock = bound

    def is_due(self, ref: str, job: str) -> bool:
        """Whether a job waits for an object."""
        query = "SELECT 1 FROM due WHERE ref = ? AND job = ?"
        return self.store.db.execute(query, (ref, job)).fetchone() is not None

    def unschedule(self, ref: str, *jobs: str) -> None:
        """Drop what is due for an object: the jobs named, or every one."""
        for job in jobs:
            self.store.db.execute("DELETE FROM due WHERE ref = ? AND job = ?", (ref, job))
        if not jobs:
            self.store.db.execute("DELETE FROM due WHERE ref = ?", (ref,))
        self._next_due = None

    def seconds_until_due(self) -> float:
        """How long the global clock may run before something is due."""
        if self._next_due is None:
            row = self.store.db.execute("SELECT MIN(at) FROM due WHERE clock = ''").fetchone()
            self._next_due = row[0] if row[0] is not None else self.clock.now() + MAX_SLEEP_SECONDS
        return self._next_due - self.clock.now()

    def forget_due(self) -> None:
        """Look again at what is due, after the state was changed from outside."""
        self._next_due = None

    def run_due(self, *, until: int | None = None) -> int:
        """Do everything due on the global clock, each thing at its own instant.

        Returns: how many things were done.
        """
        done = 0
        while until is not None or self.seconds_until_due() <= 0:
            if not self._run_next(self.clock.now() if until is None else until):
                break
            done += 1
        return done

    def _run_next(self, until: int) -> bool:
        row = self._next_row("", until)
        if row is None:
            self._next_due = None
            return False
        at = row[1]
        with self.clock.held_at(at), self.transaction():
            self._perform(row)
            if at > Clock(self.clock.offset_seconds).now():
                # An advance under way is kept where it is, so that a restart goes on from there.
                self.clock.set_to(at)
                self.store.write_meta("clock_offset", self.clock.offset_seconds)
        return True

    def do_next(self, clock_id: str, until: int) -> bool:
        """Do the next thing due on a test clock, within the caller's transaction; False when nothing is."""
        row = self._next_row(clock_id, until)
        if row is None:
            return False
        clock = self.get("test_helpers.test_clock", clock_id)
        clock["frozen_time"] = row[1]
        self.save(clock)
        self.enter_test_clock(clock_id)
        self._perform(row)
        self.tell_rest()
        return True

    def _next_row(self, clock_id: str, until: int) -> tuple[int, int, str, str] | None:
        row: tuple[int, int, str, str] | None = self.store.db.execute(
            "SELECT id, at, job, ref FROM due WHERE clock = ? AND at <= ? ORDER BY at, id LIMIT 1",
            (clock_id, until),
        ).fetchone()
        return row

    def _perform(self, row: tuple[int, int, str, str]) -> None:
        number, _, job, ref = row
        self.store.db.execute("DELETE FROM due WHERE id = ?", (number,))
        self._next_due = None
        self.jobs[job](self, ref)

    def advance_to(self, target: int) -> int:
        """Move the global clock forward, doing everything due on the way in order."""
        done = self.run_due(until=target)
        self.clock.set_to(target)
        with self.transaction():
            self.store.write_meta("clock_offset", self.clock.offset_seconds)
        with self.woken:
            self.woken.notify_all()
        return done


def _loses_nothing(_event_type: str) -> bool:
    return False


def difference(before: Json, after: Json) -> Json:
    """What `previous_attributes` says: fields as they were, hashes only where they differ."""
    changed: Json = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and old.get("object") is None:
            changed[key] = difference(old, new)
        else:
            changed[key] = old
    return changed


def listening(store: Store, event_type: str) -> list[Json]:
    """The endpoints an event goes to."""
    enabled = store.linked("webhook_endpoint", "status", "enabled")
    return [one for one in enabled if {"*", event_type} & set(one["enabled_events"])]
