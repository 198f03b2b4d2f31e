"""Claims that wait for their address to be confirmed by the link or the short code that was mailed there."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows
from app.gifts.models import GiftClaim
from app.kernel.ids import new_id

GOOD_HOURS = 24
"""For whoever is given something is not waiting at the screen, as one is who signs in."""
MOST_TRIES = 5
KEPT_DAYS = 2
"""How long the address is kept for, confirmed or not; and the claim itself."""


def ask(session: Session, gift_id: UUID, *, language: str, now: datetime) -> tuple[UUID, UUID | None]:
    """Store a claim; an older one of the same gift is void from here on.

    Returns: the claim's id, and that of the older one, whose address is to be forgotten.
    """
    older = session.scalar(sa.delete(GiftClaim).where(GiftClaim.gift_id == gift_id).returning(GiftClaim.id))
    claim = GiftClaim(id=new_id(), gift_id=gift_id, language=language, asked_at=now, tries=0)
    session.add(claim)
    session.flush()
    return claim.id, older


def find_claim(session: Session, claim_id: UUID) -> GiftClaim | None:
    """Return a claim that neither was confirmed nor has given way to a newer one."""
    return session.get(GiftClaim, claim_id)


def find_claim_by_link(session: Session, link_hash: str, *, now: datetime) -> GiftClaim | None:
    """Return the claim that a link confirms, while it is good; changes nothing."""
    return session.scalar(sa.select(GiftClaim).where(GiftClaim.link_hash == link_hash, _good(now)))


def arm(session: Session, claim_id: UUID, *, link_hash: str, code_hash: str, now: datetime) -> None:
    """Let a link and a short code be good for a day."""
    values = {"link_hash": link_hash, "code_hash": code_hash, "tries": 0}
    until = now + timedelta(hours=GOOD_HOURS)
    session.execute(
        sa.update(GiftClaim).where(GiftClaim.id == claim_id).values(values | {"good_until": until})
    )


def take_by_link(session: Session, link_hash: str, *, now: datetime) -> GiftClaim | None:
    """Use a link up, and return the claim it confirms; None where it is not good, or no longer."""
    return _take(session, sa.and_(GiftClaim.link_hash == link_hash, _good(now)))


def take_by_code(session: Session, claim_id: UUID, code_hash: str, *, now: datetime) -> GiftClaim | None:
    """Use a short code up if it is the right one; a wrong one is counted, and the fifth ends the code.

    The try is counted before the code is looked at: a hundred sent at once are still five.
    """
    mine = GiftClaim.id == claim_id
    open_to_tries = sa.and_(mine, _good(now), GiftClaim.tries < MOST_TRIES)
    counted = sa.update(GiftClaim).where(open_to_tries).values(tries=GiftClaim.tries + 1)
    if not changed_rows(session, counted):
        return None
    return _take(session, sa.and_(mine, GiftClaim.code_hash == code_hash))


def forget_old_claims(session: Session, *, now: datetime) -> int:
    """Delete what nobody confirmed; returns how many. The address is the vault's to forget."""
    old = sa.delete(GiftClaim).where(GiftClaim.asked_at < now - timedelta(days=KEPT_DAYS))
    return changed_rows(session, old)


def _take(session: Session, which: sa.ColumnElement[bool]) -> GiftClaim | None:
    claim = session.scalar(sa.select(GiftClaim).where(which).with_for_update())
    if claim is not None:
        session.delete(claim)
        session.flush()
    return claim


def _good(now: datetime) -> sa.ColumnElement[bool]:
    return GiftClaim.good_until > now
