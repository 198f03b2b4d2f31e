"""Where members stand, one word for each, and the lines that list them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.doubled import select_doubled
from app.billing.queries import select_contested
from app.flows.entitlement import entitlements_of
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members import queries
from app.members.entitlement import Entitlement
from app.members.merging import list_stand_ins
from app.members.models import Member, MembershipFact, MembershipState
from app.reports.money import kept_by_member
from config.newsroom import Newsroom


class Standing(StrEnum):
    """Where a member stands; exactly one holds."""

    active = "active"
    """A membership is charged, and its last charge went through."""
    past_due = "past_due"
    """A membership's last charge failed, and Stripe tries again."""
    paused = "paused"
    """Nothing is charged for a while."""
    lapsed = "lapsed"
    """Stripe has stopped trying, and the subscription stands unpaid."""
    ended = "ended"
    """There was a membership, and none stands."""
    one_off = "one_off"
    """Gave, and never began a membership."""


class Attention(StrEnum):
    """What staff must look at, wherever the member stands."""

    doubled = "doubled"
    """Two subscriptions of one person will both be charged again."""
    contested = "contested"
    """Stripe shows another member's address."""


_BY_STATE = (
    (MembershipState.past_due, Standing.past_due),
    (MembershipState.active, Standing.active),
    (MembershipState.paused, Standing.paused),
    (MembershipState.lapsed, Standing.lapsed),
    (MembershipState.ended, Standing.ended),
)
"""Of a member with several memberships, the first of these that any of them is in."""


@dataclass(frozen=True, kw_only=True)
class MemberLine:
    """One member as a list shows them."""

    id: UUID
    code: str
    standing: Standing
    joined_at: datetime
    amount: Money | None
    """What the newest running membership charges each interval."""
    interval: Interval | None
    memberships: int
    """How many run."""
    kept: Sequence[Money]
    """Given in all, less what was given back, before fees, in each settled currency."""
    entitlement: Entitlement


def criteria_for(asked: Standing | Attention | None) -> list[sa.ColumnElement[bool]]:
    """Return what picks the members who stand there, or who must be looked at."""
    if asked is None:
        return []
    if asked is Attention.doubled:
        return [Member.id.in_(select_doubled())]
    if asked is Attention.contested:
        return [Member.id.in_(select_contested())]
    if asked is Standing.one_off:
        return [~Member.id.in_(queries.select_with_membership())]
    states = [standing for _, standing in _BY_STATE]
    before = [state for state, _ in _BY_STATE[: states.index(Standing(asked))]]
    (own,) = (state for state, standing in _BY_STATE if standing is asked)
    return [queries.stands_in([own]), *([~queries.stands_in(before)] if before else [])]


def list_lines(
    session: Session, members: Sequence[Member], *, newsroom: Newsroom, now: datetime
) -> list[MemberLine]:
    """Return the lines of these members, in their order, by as many queries however many they are."""
    ids = [member.id for member in members]
    last_facts = queries.list_last_facts(session, ids)
    kept = kept_by_member(session, ids, stand_ins=list_stand_ins(session, ids))
    entitled = entitlements_of(session, ids, newsroom=newsroom, now=now, last_facts=last_facts)
    return [
        _line(member, last_facts.get(member.id, []), kept.get(member.id, []), entitled[member.id])
        for member in members
    ]


def standing_of(last_facts: Iterable[MembershipFact]) -> Standing:
    """Return where a member stands by the last fact of each membership."""
    states = {fact.state for fact in last_facts}
    return next((standing for state, standing in _BY_STATE if state in states), Standing.one_off)


def _line(
    member: Member, last_facts: list[MembershipFact], kept: list[Money], entitled: Entitlement
) -> MemberLine:
    running = [fact for fact in last_facts if fact.state is not MembershipState.ended]
    newest = running[0] if running else None
    return MemberLine(
        id=member.id,
        code=member.code,
        standing=standing_of(last_facts),
        joined_at=member.joined_at,
        amount=Money(newest.amount_minor, newest.currency) if newest else None,
        interval=newest.interval if newest else None,
        memberships=len(running),
        kept=kept,
        entitlement=entitled,
    )
