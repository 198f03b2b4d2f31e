"""The requests that were answered: shown on the console, and kept with the state."""

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from app.simulator.engine.world import World

Json = dict[str, Any]
KEPT = 5000
TIDY_EVERY = 500


class Journal:
    """The newest requests, oldest first; older ones are dropped.

    Attributes: total: how many there were since the account began.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        rows = world.store.db.execute("SELECT seq, body FROM requests ORDER BY seq").fetchall()
        self._newest: deque[Json] = deque((json.loads(row[1]) for row in rows), maxlen=KEPT)
        self.total = rows[-1][0] if rows else 0

    def __iter__(self) -> Iterator[Json]:
        return iter(list(self._newest))

    def append(self, record: Json) -> None:
        """Take one down, before it is answered."""
        with self.world.lock:
            self.total += 1
            self._newest.append(record)
            if self.world.store.lasting:
                self._write(record)

    def clear(self) -> None:
        """Forget them all, after the state was cleared."""
        with self.world.lock:
            self._newest.clear()
            self.total = 0

    def _write(self, record: Json) -> None:
        db = self.world.store.db
        db.execute("INSERT INTO requests VALUES (?, ?)", (self.total, json.dumps(record)))
        if self.total % TIDY_EVERY == 0:
            db.execute("DELETE FROM requests WHERE seq <= ?", (self.total - KEPT,))
