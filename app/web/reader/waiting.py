"""How a waiting page looks again by itself, without a script."""

from flask import Response

PAUSES_SECONDS = (2, 3, 5, 8, 15, 30, 60)
"""Longer each time, and then no more: a page that reloads for ever interrupts whoever has it read aloud,
and a debit may take days. The page keeps a link to look again by hand."""


def look_again(response: Response, *, look: int, address: str) -> Response:
    """Let the browser open `address` after a while.

    Args: look: how many times the reader has looked, counted from 1.
    """
    if look <= len(PAUSES_SECONDS):
        response.headers["Refresh"] = f"{PAUSES_SECONDS[look - 1]}; url={address}"
    return response


def read_look(text: str) -> int:
    """Return the number of a look as an address carries it; 0 where it carries none."""
    return min(int(text), len(PAUSES_SECONDS) + 1) if text.isascii() and text.isdigit() else 0
