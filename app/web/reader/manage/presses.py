"""Bounds what one link can have us ask of Stripe."""

from collections import OrderedDict
from datetime import datetime, timedelta

from flask import abort, current_app

from app.kernel.clock import utc_now

MOST_PRESSES = 10
WINDOW = timedelta(minutes=10)
MOST_REMEMBERED = 10_000
_PRESSES = "small_favor_presses"


def take_press(token: str) -> None:
    """Count a press of a link's button; more than ten in ten minutes are answered with 429.

    Counted in each process by itself: whoever has the link could press ten times as many buttons by
    mistake, and Stripe would still not notice.
    """
    known: OrderedDict[str, list[datetime]] = current_app.extensions.setdefault(_PRESSES, OrderedDict())
    now = utc_now()
    recent = [at for at in known.pop(token, []) if now - at < WINDOW]
    known[token] = [*recent, now]
    while len(known) > MOST_REMEMBERED:
        known.popitem(last=False)
    if len(recent) >= MOST_PRESSES:
        known[token] = recent
        abort(429)
