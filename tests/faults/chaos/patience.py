"""Asking the local Stripe's doors while it may be killed at any moment."""

import time
from collections.abc import Callable
from http.client import HTTPException
from typing import TypeVar

LONGEST_SECONDS = 60
PAUSE_SECONDS = 0.1
Answer = TypeVar("Answer")


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask until there is an answer; what is asked can be asked twice. Raises: what it last raised."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return ask()
        except (OSError, HTTPException, ValueError):  # half an answer is no JSON
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)
