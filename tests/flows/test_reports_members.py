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
from app.reports.members import active_by_interval, active_on, active_on_days

BEGIN = date(2026, 1, 1)
DAYS = [BEGIN + timedelta(days=offset) for offset in range(12)]
_numbers = count(1)


@dataclass(frozen=True)
class Fact:
    kind: FactKind
    day: date
    interval: Interval


@st.composite
def memberships(draw: st.DrawFn) -> tuple[int, list[Fact]]:
    """A member's number, and facts in order: start, changes, end, and perhaps another start."""
    kinds = [
        FactKind.started,
        *draw(st.lists(st.sampled_from([FactKind.raised, FactKind.lowered]), max_size=2)),
    ]
    if draw(st.booleans()):
        kinds.append(FactKind.ended)
        if draw(st.booleans()):
            kinds.append(FactKind.started)
    offsets = sorted(draw(st.integers(0, 10)) for _ in kinds)
    intervals = [draw(st.sampled_from([Interval.month, Interval.year])) for _ in kinds]
    facts = [
        Fact(kind, BEGIN + timedelta(days=offset), interval)
        for kind, offset, interval in zip(kinds, offsets, intervals, strict=True)
    ]
    return draw(st.integers(0, 2)), facts


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_db_engine(database_url)
    with Session(engine) as opened:
        yield opened
        opened.rollback()
    engine.dispose()


@settings(max_examples=40)
@given(histories=st.lists(memberships(), max_size=6), day=st.sampled_from(DAYS))
def test_the_report_equals_a_walk_through_the_facts(
    session: Session, histories: list[tuple[int, list[Fact]]], day: date
) -> None:
    _insert(session, histories)

    on_day = active_on(session, day)
    over_time = {row.day: row.members for row in active_on_days(session, DAYS)}
    by_interval = {row.interval: row.members for row in active_by_interval(session, day)}
    session.rollback()

    assert on_day == len({member for member, _ in _active(histories, day)})
    assert over_time == {each: len({member for member, _ in _active(histories, each)}) for each in DAYS}
    assert by_interval == {
        interval: len({member for member, held in _active(histories, day) if held is interval})
        for interval in {held for _, held in _active(histories, day)}
    }


def test_a_membership_that_began_and_ended_at_one_instant_is_not_active(session: Session) -> None:
    histories = [
        (0, [Fact(FactKind.started, BEGIN, Interval.month), Fact(FactKind.ended, BEGIN, Interval.month)])
    ]
    _insert(session, histories, apart=timedelta(0))

    assert active_on(session, BEGIN) == 0


def test_a_member_who_gives_monthly_and_yearly_counts_once_in_all_and_once_in_each(session: Session) -> None:
    histories = [
        (0, [Fact(FactKind.started, BEGIN, Interval.month)]),
        (0, [Fact(FactKind.started, BEGIN, Interval.year)]),
    ]
    _insert(session, histories)

    by_interval = [(row.interval, row.members) for row in active_by_interval(session, BEGIN)]

    assert active_on(session, BEGIN) == 1
    assert by_interval == [(Interval.month, 1), (Interval.year, 1)]


def _active(histories: list[tuple[int, list[Fact]]], day: date) -> list[tuple[int, Interval]]:
    found = []
    for member, facts in histories:
        past = [fact for fact in facts if fact.day <= day]
        if past and past[-1].kind is not FactKind.ended:
            found.append((member, past[-1].interval))
    return found


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
