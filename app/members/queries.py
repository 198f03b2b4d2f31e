"""Reads members and their facts."""

from collections.abc import Collection, Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.members.merging import is_kept
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
    """Return up to `limit` members, newest first, older than the one named by `after`; none merged away."""
    statement = sa.select(Member).where(is_kept(), *criteria).order_by(Member.id.desc()).limit(limit)
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


def stands_in(states: Collection[MembershipState]) -> sa.ColumnElement[bool]:
    """Tell the members of whose memberships one stands so, by its last fact.

    Asked member by member, so that a page of them costs a page and not the whole archive.
    """
    last, later = aliased(MembershipFact), aliased(MembershipFact)
    has_later = sa.exists(
        sa.select(later.id).where(
            later.stripe_subscription_id == last.stripe_subscription_id, _follows(later, last)
        )
    )
    stands = sa.select(last.id).where(last.member_id == Member.id, last.state.in_(states), ~has_later)
    return sa.exists(stands.correlate(Member))


def _follows(later: type[MembershipFact], fact: type[MembershipFact]) -> sa.ColumnElement[bool]:
    """Tell whether a fact comes after another; of two on one instant, the end, and then the newer."""
    place = [sa.case((one.kind == FactKind.ended, 1), else_=0) for one in (later, fact)]
    newer = sa.or_(place[0] > place[1], sa.and_(place[0] == place[1], later.id > fact.id))
    return sa.or_(later.occurred_at > fact.occurred_at, sa.and_(later.occurred_at == fact.occurred_at, newer))


def _last_facts(*criteria: sa.ColumnElement[bool]) -> IdQuery:
    facts = MembershipFact
    is_end = sa.case((facts.kind == FactKind.ended, 1), else_=0)
    place = sa.func.row_number().over(
        partition_by=facts.stripe_subscription_id,
        order_by=(facts.occurred_at.desc(), is_end.desc(), facts.id.desc()),
    )
    placed = sa.select(facts.id, place.label("place")).where(*criteria).subquery()
    return sa.select(placed.c.id).where(placed.c.place == 1)
