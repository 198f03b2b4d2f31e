"""The queue of deliveries, kept in the state: what is due, what came of it."""

import time
from dataclasses import dataclass
from typing import Any

from app.simulator.engine.world import World
from app.simulator.resources.webhook_endpoints import secrets_of

Json = dict[str, Any]
RETRY_SECONDS = (1, 5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 86400)


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: int
    event: str
    endpoint: str
    type: str
    attempts: int
    mark: str | None


class DeliveryQueue:
    """Reads and writes deliveries; each method takes the account's lock."""

    def __init__(self, world: World) -> None:
        self.world = world

    def due(self, busy: set[int]) -> list[Delivery]:
        """Deliveries whose time has come and that nobody is sending, oldest first."""
        with self.world.lock:
            rows = self.world.store.db.execute(
                "SELECT id, event, endpoint, type, attempts, mark FROM deliveries "
                "WHERE status = 'pending' AND next_at <= ? ORDER BY next_at, id LIMIT 64",
                (time.time(),),
            ).fetchall()
        return [Delivery(*row) for row in rows if row[0] not in busy]

    def parcel(self, delivery: Delivery) -> tuple[Json, Json] | None:
        """The event and its endpoint, or None when the endpoint is gone."""
        with self.world.lock:
            event = self.world.store.find(delivery.event)
            endpoint = self.world.store.find(delivery.endpoint)
        return (event, endpoint) if event and endpoint else None

    def secrets(self, endpoint: Json) -> list[str]:
        """The secrets an endpoint's deliveries are signed with now."""
        with self.world.lock:
            return secrets_of(self.world, endpoint)

    def seconds_until_due(self) -> float | None:
        """How long until something is to be sent; None when nothing is waiting."""
        with self.world.lock:
            row = self.world.store.db.execute(
                "SELECT MIN(next_at) FROM deliveries WHERE status = 'pending'"
            ).fetchone()
        return None if row[0] is None else max(row[0] - time.time(), 0.0)

    def succeeded(self, delivery: Delivery, status: int) -> None:
        """The endpoint said 2xx."""
        with self.world.lock, self.world.transaction():
            self._write(delivery, "succeeded", 0.0, status, None)
            event = self.world.store.find(delivery.event)
            if event and event["pending_webhooks"] > 0:
                event["pending_webhooks"] -= 1
                self.world.save(event)

    def failed(self, delivery: Delivery, status: int | None, why: str) -> None:
        """Anything else: try again later, with growing delays, and give up in the end."""
        attempts = delivery.attempts + 1
        over = attempts > len(RETRY_SECONDS)
        next_at = 0.0 if over else time.time() + RETRY_SECONDS[attempts - 1]
        with self.world.lock, self.world.transaction():
            self._write(delivery, "failed" if over else "pending", next_at, status, why)

    def drop(self, delivery: Delivery, why: str) -> None:
        """It will never be sent."""
        with self.world.lock, self.world.transaction():
            self._write(delivery, "dropped", 0.0, None, why)

    def listed(self, limit: int = 200) -> list[Json]:
        """The newest deliveries first."""
        with self.world.lock:
            rows = self.world.store.db.execute(
                "SELECT id, event, endpoint, type, status, attempts, next_at, last_status, last_error, mark "
                "FROM deliveries ORDER BY id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        names = "id event endpoint type status attempts next_at last_status last_error mark".split()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many deliveries are in each status."""
        with self.world.lock:
            rows = self.world.store.db.execute("SELECT status, COUNT(*) FROM deliveries GROUP BY status")
            return dict(rows.fetchall())

    def hold(self, delivery: Delivery, mark: str | None) -> None:
        """Keep it back until it is released; with a mark, it is spared further trouble then."""
        with self.world.lock, self.world.transaction():
            self.world.store.db.execute(
                "UPDATE deliveries SET status = 'held', mark = ? WHERE id = ?",
                (mark or delivery.mark, delivery.id),
            )

    def delay(self, delivery: Delivery, seconds: int) -> None:
        """Send it later, once."""
        with self.world.lock, self.world.transaction():
            self.world.store.db.execute(
                "UPDATE deliveries SET mark = 'delayed', next_at = ? WHERE id = ?",
                (time.time() + seconds, delivery.id),
            )

    def duplicate(self, delivery: Delivery) -> None:
        """Send it a second time."""
        with self.world.lock, self.world.transaction():
            self.world.store.db.execute(
                "INSERT INTO deliveries (event, endpoint, type, status, next_at, mark) "
                "VALUES (?, ?, ?, 'pending', 0, 'duplicate')",
                (delivery.event, delivery.endpoint, delivery.type),
            )

    def hurry(self) -> None:
        """Make every waiting retry due now."""
        with self.world.lock, self.world.transaction():
            self.world.store.db.execute("UPDATE deliveries SET next_at = 0 WHERE status = 'pending'")

    def release(self) -> int:
        """Make what was held pending again. Returns: how many."""
        with self.world.lock, self.world.transaction():
            cursor = self.world.store.db.execute(
                "UPDATE deliveries SET status = 'pending', next_at = 0 WHERE status = 'held'"
            )
        return cursor.rowcount

    def resend(self, event_id: str) -> int:
        """Send an event again to every endpoint that listens. Returns: how many."""
        with self.world.lock, self.world.transaction():
            event = self.world.get("event", event_id)
            endpoints = self.world.store.linked("webhook_endpoint", "status", "enabled")
            wanted = [one for one in endpoints if {"*", event["type"]} & set(one["enabled_events"])]
            for endpoint in wanted:
                self.world.queue_delivery(event, endpoint)
        return len(wanted)

    def _write(
        self, delivery: Delivery, status: str, next_at: float, code: int | None, why: str | None
    ) -> None:
        self.world.store.db.execute(
            "UPDATE deliveries SET status = ?, attempts = attempts + 1, next_at = ?, last_status = ?, "
            "last_error = ? WHERE id = ?",
            (status, next_at, code, why, delivery.id),
        )
