"""Idempotency keys: saved answers, replayed for a day of the account's clock."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.simulator.engine.errors import key_in_use, key_reused
from app.simulator.engine.world import World
from app.simulator.http.messages import Response

Json = dict[str, Any]
KEPT_SECONDS = 86400
LONGEST_KEY = 255


class IdempotencyKeys:
    """Keys being worked on, and the answers of those that are done."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def held(self, key: str | None) -> Iterator[None]:
        """Work on a key alone. Raises: StripeError: somebody is at it already."""
        if key is None:
            yield
            return
        with self._lock:
            if key in self._busy:
                raise key_in_use(key)
            self._busy.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(key)

    def saved(self, key: str, route: str, params: Json) -> Response | None:
        """The answer given before, or None. Raises: StripeError: the key was for something else."""
        row = self.world.store.db.execute(
            "SELECT route, fingerprint, status, body, request_id, created FROM idempotency WHERE key = ?",
            (key,),
        ).fetchone()
        if row is None or row[5] <= self.world.clock.now() - KEPT_SECONDS:
            return None
        advice = f"Try using a key other than '{key}' if you meant to execute a different request."
        if row[0] != route:
            raise key_reused(
                "Keys for idempotent requests can only be used for the same endpoint they were first used "
                f"for ('{route}' vs '{row[0]}'). {advice}"
            )
        if row[1] != _fingerprint(params):
            raise key_reused(
                "Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. {advice}"
            )
        replayed = {"Idempotent-Replayed": "true", "Original-Request": row[4], "Request-Id": row[4]}
        return Response(row[2], row[3].encode(), replayed)

    def save(self, key: str, route: str, params: Json, response: Response, request_id: str) -> None:
        """Keep an answer, within the caller's transaction."""
        self.world.store.db.execute(
            "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                route,
                _fingerprint(params),
                response.status,
                response.body.decode(),
                request_id,
                self.world.clock.now(),
            ),
        )


def _fingerprint(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
