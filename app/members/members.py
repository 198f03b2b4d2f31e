"""Stores members and the facts of their memberships."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import insert_once
from app.kernel.clock import local_date
from app.kernel.ids import new_id, new_member_code
from app.kernel.money import Money
from app.members.facts import Change, Standing
from app.members.merging import resolve
from app.members.models import Member, MembershipFact

CODE_TRIES = 8


def get_or_add_member(
    session: Session, person_id: UUID | None, *, language: str, joined_at: datetime, now: datetime
) -> Member:
    """Return the member who is this person, made by their first payment or by a gift they claim.

    A payment that names nobody, not even by an address, makes a member of its own.
    """
    member = find_by_person(session, person_id)
    for _ in range(CODE_TRIES):
        if member is not None:
            break
        member = _try_to_add(session, person_id, language=language, joined_at=joined_at, now=now)
    assert member is not None  # noqa: S101 (eight random codes out of 656 billion were all taken)
    member.joined_at = min(member.joined_at, joined_at)
    return member


def find_by_person(session: Session, person_id: UUID | None) -> Member | None:
    """Return the member who is this person, by whichever of their addresses the vault knows them."""
    named = find_named(session, person_id)
    return session.get_one(Member, resolve(session, named.id)) if named else None


def find_named(session: Session, person_id: UUID | None) -> Member | None:
    """Return the very record that names this person, were it merged into another or not."""
    if person_id is None:
        return None
    return session.scalar(sa.select(Member).where(Member.person_id == person_id))


def _try_to_add(
    session: Session, person_id: UUID | None, *, language: str, joined_at: datetime, now: datetime
) -> Member | None:
    member_id = new_id()
    values = {"id": member_id, "code": new_member_code(), "person_id": person_id, "language": language}
    if insert_once(session, Member, {**values, "joined_at": joined_at, "created_at": now}):
        return session.get_one(Member, member_id)
    return find_by_person(session, person_id)


def find_last_change(session: Session, stripe_subscription_id: str) -> Change | None:
    """Return the newest fact of a membership."""
    facts = sa.select(MembershipFact).where(MembershipFact.stripe_subscription_id == stripe_subscription_id)
    fact = session.scalar(
        facts.order_by(MembershipFact.occurred_at.desc(), MembershipFact.id.desc()).limit(1)
    )
    if fact is None:
        return None
    standing = Standing(amount=Money(fact.amount_minor, fact.currency), interval=fact.interval)
    return Change(
        kind=fact.kind,
        occurred_at=fact.occurred_at,
        standing=standing,
        state=fact.state,
        cause=fact.cause,
    )


def record_change(
    session: Session, change: Change, *, member_id: UUID, stripe_subscription_id: str, zone: ZoneInfo
) -> bool:
    """Add one fact, once; returns whether this call did it."""
    return insert_once(
        session,
        MembershipFact,
        {
            "id": new_id(),
            "member_id": member_id,
            "stripe_subscription_id": stripe_subscription_id,
            "kind": change.kind,
            "occurred_at": change.occurred_at,
            "occurred_on": local_date(change.occurred_at, zone),
            "amount_minor": change.standing.amount.minor,
            "currency": change.standing.amount.currency,
            "interval": change.standing.interval,
            "state": change.state,
            "cause": change.cause,
        },
    )
