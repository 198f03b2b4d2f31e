"""The account's clock: real time moved by an offset, or an instant held while work is done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """The time everything not bound to a test clock runs on, in Unix seconds."""

    def __init__(self, offset_seconds: float = 0.0) -> None:
        self.offset_seconds = offset_seconds
        self._held: int | None = None

    def now(self) -> int:
        """The present second."""
        if self._held is not None:
            return self._held
        return int(time.time() + self.offset_seconds)

    def set_to(self, instant: int) -> None:
        """Make `instant` the present; time runs on from there."""
        self.offset_seconds = instant - time.time()

    @contextmanager
    def held_at(self, instant: int) -> Iterator[None]:
        """Hold the clock while something due then is done."""
        before = self._held
        self._held = instant
        try:
            yield
        finally:
            self._held = before
