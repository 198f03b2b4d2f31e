"""Where members stand, one word for each, and the lines that list them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.queries import find_past_due, select_past_due
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members import queries
from app.members.models import FactKind, Member, MembershipFact
from app.reports.money import kept_by_member


class Standing(StrEnum):
    """Where a member stands; exactly one holds."""

    active = "active"
    """A membership runs and its last charge went through."""
    past_due = "past_due"
    """A subscription's last charge failed, and Stripe is trying again or has given up."""
    ended = "ended"
    """There was a membership, and none runs."""
    one_off = "one_off"
    """Gave, and never began a membership."""


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


def criteria_for(standing: Standing | None) -> list[sa.ColumnElement[bool]]:
    """Return what picks the members who stand there."""
    past_due, running = Member.id.in_(select_past_due()), Member.id.in_(queries.select_running())
    ever = Member.id.in_(queries.select_with_membership())
    criteria: dict[Standing | None, list[sa.ColumnElement[bool]]] = {
        None: [],
        Standing.past_due: [past_due],
        Standing.active: [running, ~past_due],
        Standing.ended: [ever, ~running, ~past_due],
        Standing.one_off: [~ever, ~past_due],
    }
    return criteria[standing]


def list_lines(session: Session, members: Sequence[Member]) -> list[MemberLine]:
    """Return the lines of these members, in their order, by three queries however many they are."""
    ids = [member.id for member in members]
    last_facts = queries.list_last_facts(session, ids)
    past_due = find_past_due(session, ids)
    kept = kept_by_member(session, ids)
    return [
        _line(
            member,
            last_facts.get(member.id, []),
            is_past_due=member.id in past_due,
            kept=kept.get(member.id, []),
        )
        for member in members
    ]


def standing_of(last_facts: Iterable[MembershipFact], *, is_past_due: bool) -> Standing:
    """Return where a member stands by the last fact of each membership."""
    kinds = [fact.kind for fact in last_facts]
    if is_past_due:
        return Standing.past_due
    if not kinds:
        return Standing.one_off
    return Standing.active if any(kind is not FactKind.ended for kind in kinds) else Standing.ended


def _line(
    member: Member, last_facts: list[MembershipFact], *, is_past_due: bool, kept: list[Money]
) -> MemberLine:
    running = [fact for fact in last_facts if fact.kind is not FactKind.ended]
    newest = running[0] if running else None
    return MemberLine(
        id=member.id,
        code=member.code,
        standing=standing_of(last_facts, is_past_due=is_past_due),
        joined_at=member.joined_at,
        amount=Money(newest.amount_minor, newest.currency) if newest else None,
        interval=newest.interval if newest else None,
        memberships=len(running),
        kept=kept,
    )
