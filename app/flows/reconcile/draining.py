"""Syncs at once what a sweep asked for, instead of leaving it to a worker."""

import time
from collections.abc import Callable
from datetime import timedelta

from app.db import reading
from app.flows.parts import Parts
from app.flows.sync import SyncOutcome, sync_if_wanted
from app.inbox.events import Wanted
from app.inbox.leases import LEASE_SECONDS
from app.inbox.pages import is_any_held, list_waiting
from app.kernel.clock import utc_now

ROUNDS = 6
PAUSE_SECONDS = 1.0
AT_A_TIME = 500


def drain(parts: Parts, *, told: Callable[[int], object] = lambda _done: None) -> list[Wanted]:
    """Sync all that is wanted, due or not; returns what still waits after several rounds.

    What fails is tried once more in each round, after ever longer pauses. What another process holds is
    waited for: it may have died with the lease, which is over a minute later.
    """
    done, number = 0, 0
    held_until = utc_now() + timedelta(seconds=LEASE_SECONDS + PAUSE_SECONDS)
    while number < ROUNDS:
        while applied := _one_round(parts):
            done += applied
            told(done)
        if not _waiting(parts):
            break
        if _held(parts) and utc_now() < held_until:
            time.sleep(PAUSE_SECONDS)
            continue
        time.sleep(PAUSE_SECONDS * number)
        number += 1
    return _waiting(parts)


def _one_round(parts: Parts) -> int:
    outcomes = [sync_if_wanted(parts, wanted) for wanted in _waiting(parts)]
    settled = (SyncOutcome.applied, SyncOutcome.gone)
    return sum(synced is not None and synced.outcome in settled for synced in outcomes)


def _held(parts: Parts) -> bool:
    with reading(parts.sessions) as session:
        return is_any_held(session, now=utc_now())


def _waiting(parts: Parts) -> list[Wanted]:
    with reading(parts.sessions) as session:
        return list_waiting(session, limit=AT_A_TIME)
