"""Slows down guessing: per account, in the database, the same for accounts that do not exist."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import insert_once
from app.staff.models import StaffTries

FREE_TRIES = 5
FIRST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 900
FORGOTTEN_HOURS = 24


def take_try(session: Session, key: str, *, now: datetime) -> datetime | None:
    """Count a try before the secret is looked at; returns until when to wait, or None to go on.

    Counting first means that a hundred guesses sent at once are still `FREE_TRIES` guesses. After
    those, each further try waits twice as long as the one before, up to `LONGEST_WAIT_SECONDS`: an
    attacker cannot shut an account for good. Tries are forgotten after `FORGOTTEN_HOURS`.
    """
    session.execute(sa.delete(StaffTries).where(StaffTries.tried_at < now - timedelta(hours=FORGOTTEN_HOURS)))
    insert_once(session, StaffTries, {"key": key, "tries": 0, "tried_at": now, "retry_at": now})
    row = session.get_one(StaffTries, key, with_for_update=True, populate_existing=True)
    if row.retry_at > now:
        return row.retry_at
    row.tries += 1
    row.tried_at = now
    row.retry_at = now + _wait_after(row.tries)
    return None


def forget_tries(session: Session, key: str) -> None:
    """Begin anew after a success."""
    session.execute(sa.delete(StaffTries).where(StaffTries.key == key))


def _wait_after(tries: int) -> timedelta:
    if tries < FREE_TRIES:
        return timedelta(0)
    seconds = FIRST_WAIT_SECONDS * 2 ** min(tries - FREE_TRIES, 8)
    return timedelta(seconds=min(seconds, LONGEST_WAIT_SECONDS))
