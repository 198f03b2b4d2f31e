"""Lets an answer take the same time whatever was found out on the way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

BEAT = "SMALL_FAVOR_BEAT_SECONDS"
"""The name in Flask's configuration."""
BEAT_SECONDS = 0.4
"""Several times what the work takes; where it took longer, the next beat is waited for."""


@contextmanager
def even_time() -> Iterator[None]:
    """Do what is inside, and come back at a beat: how long it took cannot be told from outside."""
    beat_seconds, began_seconds = current_app.config[BEAT], time.monotonic()
    try:
        yield
    finally:
        spent_seconds = time.monotonic() - began_seconds
        time.sleep(beat_seconds - spent_seconds % beat_seconds)
