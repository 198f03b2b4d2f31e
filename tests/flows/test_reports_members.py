"""The members report against an independent walk through each membership's facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.db import create_db_engine
from app.kernel.ids import new_id, new_member_code
from app.kernel.intervals import Interval
from app.members.models import FactKind, Member, MembershipFact
from app.members.models import MembershipState as State
from app.members.transitions import leads_to
from app.reports.members import active_by_interval, active_on, active_on_days

BEGIN = date(2026, 1, 1)
DAYS = [BEGIN + timedelta(days=offset) for offset in range(12)]
_numbers = count(1)


@dataclass(frozen=True)
class Fact:
    kind: FactKind
    day: date
    interval: Interval
    state: State


@st.composite
def memberships(draw: st.DrawFn) -> tuple[int, list[Fact]]:
    """A member's number, and facts in order: start, any legal changes, and perhaps an end."""
    facts: list[Fact] = []
    state: State | None = None
    for offset in sorted(draw(st.lists(st.integers(0, 10), min_size=1, max_size=6))):
        kind = draw(st.sampled_from([kind for kind in FactKind if _may_follow(kind, state)]))
        state = leads_to(kind, state)
        interval = draw(st.sampled_from([Interval.month, Interval.year]))
        facts.append(Fact(kind, BEGIN + timedelta(days=offset), interval, state))
        if state is State.ended:
            break
    return draw(st.integers(0, 2)), facts


def _may_follow(kind: FactKind, state: State | None) -> bool:
    try:
        leads_to(kind, state)
    except ValueError:
        return False
    return True


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_db_engine(database_url)
    with Session(engine) as opened:
        yield opened
        opened.rollback()
    engine.dispose()


@settings(max_examples=60)
@given(histories=st.lists(memberships(), max_size=6), day=st.sampled_from(DAYS), grace_days=st.integers(0, 4))
def test_the_report_equals_a_walk_through_the_facts(
    session: Session, histories: list[tuple[int, list[Fact]]], day: date, grace_days: int
) -> None:
    _insert(session, histories)

    on_day = active_on(session, day, grace_days=grace_days)
    over_time = {row.day: row.members for row in active_on_days(session, DAYS, grace_days=grace_days)}
    by_interval = {
        row.interval: row.members for row in active_by_interval(session, day, grace_days=grace_days)
    }
    session.rollback()

    active = {each: _active(histories, each, grace_days) for each in DAYS}
    assert on_day == len({member for member, _ in active[day]})
    assert over_time == {each: len({member for member, _ in active[each]}) for each in DAYS}
    assert by_interval == {
        interval: len({member for member, held in active[day] if held is interval})
        for interval in {held for _, held in active[day]}
    }


def test_a_renewal_that_failed_is_active_through_its_grace_and_not_on_the_day_it_is_over(
    session: Session,
) -> None:
    started = Fact(FactKind.started, BEGIN, Interval.month, State.active)
    failed = Fact(FactKind.past_due, BEGIN + timedelta(days=1), Interval.month, State.past_due)
    raised = Fact(FactKind.raised, BEGIN + timedelta(days=3), Interval.month, State.past_due)
    _insert(session, [(0, [started, failed, raised])])

    days = {row.day.day: row.members for row in active_on_days(session, DAYS, grace_days=7)}

    assert days == {**dict.fromkeys(range(1, 9), 1), **dict.fromkeys(range(9, 13), 0)}
    assert active_on(session, BEGIN + timedelta(days=1), grace_days=0) == 0


@pytest.mark.parametrize("state", [State.paused, State.lapsed, State.ended])
def test_one_that_is_paused_lapsed_or_ended_is_not_active(session: Session, state: State) -> None:
    kind = {State.paused: FactKind.paused, State.lapsed: FactKind.lapsed, State.ended: FactKind.ended}[state]
    started = Fact(FactKind.started, BEGIN, Interval.month, State.active)
    _insert(session, [(0, [started, Fact(kind, BEGIN + timedelta(days=2), Interval.month, state)])])

    assert active_on(session, BEGIN + timedelta(days=1), grace_days=7) == 1
    assert active_on(session, BEGIN + timedelta(days=2), grace_days=7) == 0


def test_a_membership_that_began_and_ended_at_one_instant_is_not_active(session: Session) -> None:
    started = Fact(FactKind.started, BEGIN, Interval.month, State.active)
    histories = [(0, [started, Fact(FactKind.ended, BEGIN, Interval.month, State.ended)])]
    _insert(session, histories, apart=timedelta(0))

    assert active_on(session, BEGIN, grace_days=7) == 0


def test_a_member_who_gives_monthly_and_yearly_counts_once_in_all_and_once_in_each(session: Session) -> None:
    histories = [
        (0, [Fact(FactKind.started, BEGIN, Interval.month, State.active)]),
        (0, [Fact(FactKind.started, BEGIN, Interval.year, State.active)]),
    ]
    _insert(session, histories)

    by_interval = [(row.interval, row.members) for row in active_by_interval(session, BEGIN, grace_days=7)]

    assert active_on(session, BEGIN, grace_days=7) == 1
    assert by_interval == [(Interval.month, 1), (Interval.year, 1)]


def _active(
    histories: list[tuple[int, list[Fact]]], day: date, grace_days: int
) -> list[tuple[int, Interval]]:
    found = []
    for member, facts in histories:
        past = [fact for fact in facts if fact.day <= day]
        if past and _counts(past, day, grace_days):
            found.append((member, past[-1].interval))
    return found


def _counts(past: list[Fact], day: date, grace_days: int) -> bool:
    if past[-1].state is State.past_due:
        failed = [fact.day for fact in past if fact.kind is FactKind.past_due]
        return (day - failed[-1]).days < grace_days
    return past[-1].state is State.active


def _insert(
    session: Session,
    histories: list[tuple[int, list[Fact]]],
    *,
    apart: timedelta = timedelta(minutes=1),
) -> None:
    """Insert facts `apart` from each other on their days; ids run against time, to prove nothing by them."""
    members = [_insert_member(session) for _ in range(3)]
    for member, facts in histories:
        subscription_id = f"sub_{next(_numbers)}"
        for place, fact in reversed(list(enumerate(facts))):
            session.execute(
                sa.insert(MembershipFact).values(
                    id=new_id(),
                    member_id=members[member],
                    stripe_subscription_id=subscription_id,
                    kind=fact.kind,
                    occurred_at=datetime.combine(fact.day, time(12), UTC) + place * apart,
                    occurred_on=fact.day,
                    amount_minor=0 if fact.kind is FactKind.ended else 500,
                    currency="eur",
                    interval=fact.interval,
                    state=fact.state,
                )
            )


def _insert_member(session: Session) -> UUID:
    member_id, now = new_id(), datetime.now(UTC)
    session.execute(
        sa.insert(Member).values(
            id=member_id, code=new_member_code(), language="en", joined_at=now, created_at=now
        )
    )
    return member_id
