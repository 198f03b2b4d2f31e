"""Reads members and their facts."""

from collections.abc import Collection, Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.members.models import FactKind, Member, MembershipFact, MembershipState

IdQuery = sa.Select[UUID]


def find_by_code(session: Session, code: str) -> Member | None:
    """Return the member with this public code."""
    return session.scalar(sa.select(Member).where(Member.code == code))


def find_member(session: Session, member_id: UUID) -> Member | None:
    """Return the member with this id."""
    return session.get(Member, member_id)


def list_page(
    session: Session,
    *criteria: sa.ColumnElement[bool],
    after: UUID | None,
    limit: int,
) -> list[Member]:
    """Return up to `limit` members, newest first, older than the one named by `after`."""
    statement = sa.select(Member).where(*criteria).order_by(Member.id.desc()).limit(limit)
    if after:
        statement = statement.where(Member.id < after)
    return list(session.scalars(statement))


def list_facts(session: Session, member_id: UUID) -> list[MembershipFact]:
    """Return all that happened to a member's memberships, newest first."""
    facts = MembershipFact
    statement = sa.select(facts).where(facts.member_id == member_id)
    return list(session.scalars(statement.order_by(facts.occurred_at.desc(), facts.id.desc())))


def list_last_facts(session: Session, member_ids: Iterable[UUID]) -> dict[UUID, list[MembershipFact]]:
    """Return the last fact of each membership of these members, the newest membership first."""
    facts = MembershipFact
    statement = (
        sa.select(facts)
        .where(facts.id.in_(_last_facts(facts.member_id.in_(list(member_ids)))))
        .order_by(facts.occurred_at.desc(), facts.id.desc())
    )
    found: dict[UUID, list[MembershipFact]] = {}
    for fact in session.scalars(statement):
        found.setdefault(fact.member_id, []).append(fact)
    return found


def select_with_membership() -> IdQuery:
    """Select the ids of members who have, or had, a membership."""
    return sa.select(MembershipFact.member_id)


def select_in_state(states: Collection[MembershipState]) -> IdQuery:
    """Select the ids of members with a membership that stands so."""
    last = MembershipFact.id.in_(_last_facts())
    return sa.select(MembershipFact.member_id).where(last, MembershipFact.state.in_(states))


def _last_facts(*criteria: sa.ColumnElement[bool]) -> IdQuery:
    facts = MembershipFact
    is_end = sa.case((facts.kind == FactKind.ended, 1), else_=0)
    place = sa.func.row_number().over(
        partition_by=facts.stripe_subscription_id,
        order_by=(facts.occurred_at.desc(), is_end.desc(), facts.id.desc()),
    )
    placed = sa.select(facts.id, place.label("place")).where(*criteria).subquery()
    return sa.select(placed.c.id).where(placed.c.place == 1)
