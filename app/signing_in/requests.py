"""Links and codes that sign a member in once."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, upsert
from app.kernel.ids import new_id
from app.signing_in.models import SignInRequest

GOOD_MINUTES = 10
MOST_TRIES = 5
WORTH_SENDING = timedelta(hours=1)
"""Nobody waits longer for the mail: one that a mail server held up is not sent after all."""
FORGOTTEN_AFTER = timedelta(hours=2)


def ask(session: Session, member_id: UUID, *, now: datetime) -> UUID:
    """Store that a member wants to sign in; the link and code of a former request are void from here on."""
    values = {
        "id": new_id(),
        "member_id": member_id,
        "asked_at": now,
        "link_hash": None,
        "code_hash": None,
        "tries": 0,
        "good_until": None,
    }
    statement = upsert(session, SignInRequest).values(values)
    newer = {name: statement.excluded[name] for name in values if name != "member_id"}
    saved = statement.on_conflict_do_update(index_elements=["member_id"], set_=newer)
    return UUID(str(session.execute(saved.returning(sa.column("id", sa.Uuid))).scalar_one()))


def find_request(session: Session, request_id: UUID) -> SignInRequest | None:
    """Return a request that neither was used nor has given way to a newer one."""
    return session.get(SignInRequest, request_id)


def arm(session: Session, request_id: UUID, *, link_hash: str, code_hash: str, now: datetime) -> bool:
    """Let a link and a code be good for ten minutes; returns whether the request still stands."""
    mine = sa.update(SignInRequest).where(SignInRequest.id == request_id)
    armed = mine.values(
        link_hash=link_hash, code_hash=code_hash, tries=0, good_until=now + timedelta(minutes=GOOD_MINUTES)
    )
    return changed_rows(session, armed) == 1


def is_good(session: Session, link_hash: str, *, now: datetime) -> bool:
    """Tell whether a link would sign in; changes nothing."""
    found = sa.select(SignInRequest.id).where(SignInRequest.link_hash == link_hash, _good(now))
    return session.scalar(found) is not None


def take_by_link(session: Session, link_hash: str, *, now: datetime) -> UUID | None:
    """Use a link up, and return whom it signs in; None where it is not good, or no longer."""
    mine = sa.delete(SignInRequest).where(SignInRequest.link_hash == link_hash, _good(now))
    return session.scalar(mine.returning(SignInRequest.member_id))


def take_by_code(session: Session, member_id: UUID, code_hashes: list[str], *, now: datetime) -> bool:
    """Use a member's code up if it is the right one; a wrong one is counted, and the fifth ends the code.

    The try is counted before the code is looked at: a hundred sent at once are still five.
    Args: code_hashes: of what was typed, under every key of the vault's.
    """
    theirs = SignInRequest.member_id == member_id
    open_to_tries = sa.and_(theirs, _good(now), SignInRequest.tries < MOST_TRIES)
    counted = sa.update(SignInRequest).where(open_to_tries).values(tries=SignInRequest.tries + 1)
    if not changed_rows(session, counted):
        return False
    right = sa.delete(SignInRequest).where(theirs, SignInRequest.code_hash.in_(code_hashes))
    return changed_rows(session, right) == 1


def withdraw(session: Session, member_id: UUID) -> None:
    """Make void what a member was sent."""
    session.execute(sa.delete(SignInRequest).where(SignInRequest.member_id == member_id))


def forget_old_requests(session: Session, *, now: datetime) -> int:
    """Delete what nobody used; returns how many."""
    old = sa.delete(SignInRequest).where(SignInRequest.asked_at < now - FORGOTTEN_AFTER)
    return changed_rows(session, old)


def _good(now: datetime) -> sa.ColumnElement[bool]:
    return SignInRequest.good_until > now
