"""Who is signed in: browsers, each known by the hash of a random key."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows
from app.signing_in.models import ReaderSession

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=1)
NOTED_EVERY = timedelta(minutes=5)
"""So often at most is it written down that somebody is still there."""
_KEY_BYTES = 32


def start_session(session: Session, member_id: UUID, *, now: datetime) -> str:
    """Sign a member in and return the key for the browser's cookie; only its hash is kept."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    session.add(ReaderSession(key_hash=hash_key(key), member_id=member_id, started_at=now, seen_at=now))
    session.flush()
    return key


def find_session(session: Session, key: str, *, now: datetime) -> ReaderSession | None:
    """Return the session of a key: gone after twelve hours, or one without a page opened."""
    row = session.get(ReaderSession, hash_key(key))
    if row is None or now - row.started_at >= LONGEST or now - row.seen_at >= IDLE:
        return None
    return row


def wants_noting(row: ReaderSession, *, now: datetime) -> bool:
    """Tell whether it is time to write down again that this browser is in use."""
    return now - row.seen_at >= NOTED_EVERY


def note_seen(session: Session, key: str, *, now: datetime) -> None:
    """Write down that a session is in use; one that was ended meanwhile stays ended."""
    mine = sa.update(ReaderSession).where(ReaderSession.key_hash == hash_key(key))
    session.execute(mine.values(seen_at=now))


def end_session(session: Session, key: str) -> None:
    """Sign one browser out."""
    session.execute(sa.delete(ReaderSession).where(ReaderSession.key_hash == hash_key(key)))


def end_all_sessions(session: Session, member_id: UUID) -> int:
    """Sign a member out everywhere; returns of how many browsers."""
    return changed_rows(session, sa.delete(ReaderSession).where(ReaderSession.member_id == member_id))


def forget_old_sessions(session: Session, *, now: datetime) -> int:
    """Delete the sessions whose time is over; returns how many."""
    over = sa.or_(ReaderSession.started_at <= now - LONGEST, ReaderSession.seen_at <= now - IDLE)
    return changed_rows(session, sa.delete(ReaderSession).where(over))


def form_token(key: str) -> str:
    """Return what the forms of a session carry: made of its key, which no other site can read."""
    return hashlib.sha256(f"form {key}".encode()).hexdigest()


def is_form_token(key: str, token: str) -> bool:
    """Tell whether a form was shown to this session."""
    return hmac.compare_digest(form_token(key).encode(), token.encode())


def hash_key(key: str) -> str:
    """Return what is kept of a key of 256 random bits; such a one needs no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
