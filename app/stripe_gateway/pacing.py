"""Keeps long work well under Stripe's limits."""

import threading
import time
from collections.abc import Callable


class Pacer:
    """A gate that lets so many requests a second through and makes the others wait.

    A bucket of one second's tokens: work that rested may hurry for a moment, and no longer.
    """

    def __init__(
        self,
        per_second: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._monotonic, self._sleep = monotonic, sleep
        self._per_second = per_second
        self._lock = threading.Lock()
        self._tokens: float = per_second
        self._filled_at = monotonic()

    def __call__(self, _method: str) -> None:
        """Take a token, waiting for one if need be."""
        with self._lock:
            now = self._monotonic()
            self._tokens += (now - self._filled_at) * self._per_second
            self._tokens = min(self._tokens, self._per_second) - 1
            self._filled_at = now
            owed = -self._tokens / self._per_second
        if owed > 0:
            self._sleep(owed)
