"""Regular duties: each has its turn by the clock, one worker at a time, and an error boundary of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from app.db import transaction
from app.flows.parts import Parts
from app.reconciliation.cursors import claim_turn, set_turn_due
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable

log = structlog.get_logger()

NEXT_TRY = timedelta(minutes=1)
"""When a duty that failed is tried again, though its next turn be a week away."""


@contextmanager
def turn_of(
    parts: Parts, name: str, *, every: timedelta, now: datetime, waits_first: bool = False
) -> Iterator[bool]:
    """Yield whether the turn is this worker's; what fails in it is soon due again, and raised.

    Args: waits_first: the very first call only begins the wait.
    """
    with transaction(parts.sessions) as session:
        ours = claim_turn(session, name, every=every, now=now, waits_first=waits_first)
    is_done = False
    try:
        yield ours
        is_done = True
    finally:
        if ours and not is_done:
            _put_off(parts, name, every=every, now=now)


def _put_off(parts: Parts, name: str, *, every: timedelta, now: datetime) -> None:
    with transaction(parts.sessions) as session:
        set_turn_due(session, name, every=every, at=now + min(every, NEXT_TRY))


def bounded(name: str, do: Callable[[], bool], *, failed: Callable[[str], object] | None = None) -> bool:
    """Do a duty within its own bounds: whatever fails is recorded, and no other duty suffers for it.

    Args: failed: told what went wrong. Returns: what the duty returned; False where it failed.
    """
    try:
        return do()
    except (StripeUnavailable, StripeRefused) as failure:
        error = f"{type(failure).__name__} {failure}"
        log.warning("duty.put_off", duty=name, error=error)
    except Exception as fault:  # noqa: BLE001 (one failing duty never stops the others)
        error = type(fault).__name__
        log.error("duty.failed", duty=name, error=error)
    if failed:
        failed(error)
    return False
