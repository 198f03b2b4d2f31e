"""A member is made once, and the last fact of a membership is the one that holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.db import Sessions, reading, transaction
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.facts import Change, Seen, Standing, changes_since
from app.members.members import find_last_change, get_or_add_member, record_change
from app.members.models import FactKind, Member, MembershipFact, MembershipState
from app.reports.members import active_on
from app.vault.sealing import Keyring
from app.vault.vault import Vault
from tests.support.cast import ADA
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW, add_member

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


def euros(minor: int) -> Standing:
    return Standing(amount=Money(minor, "eur"), interval=Interval.month)


def look(sessions: Sessions, member_id: UUID, seen: Seen) -> None:
    """Record what a look at Stripe's subscription shows, as the projection does."""
    with transaction(sessions) as session:
        for change in changes_since(find_last_change(session, "sub_1"), seen):
            record_change(session, change, member_id=member_id, stripe_subscription_id="sub_1", zone=BERLIN)


def seen(minor: int, *, changed_at: datetime = START, ended_at: datetime | None = None) -> Seen:
    return Seen(
        standing=euros(minor),
        state=MembershipState.ended if ended_at else MembershipState.active,
        paid=True,
        started_at=START,
        ended_at=ended_at,
        seen_at=changed_at,
        reported_at=changed_at,
    )


def last(sessions: Sessions) -> Change:
    with reading(sessions) as session:
        change = find_last_change(session, "sub_1")
    assert change is not None
    return change


def test_of_many_first_payments_of_one_person_at_once_one_member_is_made(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        person_id = Vault(Keyring(["k" * 32])).get_or_add_person(session, ADA, now=NOW)

    def first_payment(hours: int) -> UUID:
        with transaction(sessions) as session:
            joined_at = NOW - timedelta(hours=hours)
            return get_or_add_member(session, person_id, language="en", joined_at=joined_at, now=NOW).id

    ids = all_at_once(8, first_payment)

    assert len(set(ids)) == 1
    with reading(sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 1


def test_payments_of_nobody_we_know_make_a_member_each(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first, second = add_member(session), add_member(session)

    assert first != second


def test_a_payment_that_comes_late_moves_the_day_of_joining_back_and_never_on(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        person_id = Vault(Keyring(["k" * 32])).get_or_add_person(session, ADA, now=NOW)
        for days in (5, 9, 2):
            joined_at = NOW - timedelta(days=days)
            member = get_or_add_member(session, person_id, language="en", joined_at=joined_at, now=NOW)

    assert member.joined_at == NOW - timedelta(days=9)


def test_a_fact_is_recorded_once_and_dated_by_the_newsrooms_day(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        member_id = add_member(session)
    late = Change(
        kind=FactKind.started, occurred_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC), standing=euros(200)
    )

    for _ in range(3):
        with transaction(sessions) as session:
            record_change(session, late, member_id=member_id, stripe_subscription_id="sub_1", zone=BERLIN)

    with reading(sessions) as session:
        assert [day.isoformat() for day in session.scalars(sa.select(MembershipFact.occurred_on))] == [
            "2027-01-01"
        ]


def test_two_raises_that_stripe_dates_alike_are_both_kept(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        member_id = add_member(session)
    later = START + timedelta(days=1)

    for minor in (200, 300, 500):
        look(sessions, member_id, seen(minor, changed_at=later))

    assert last(sessions).standing == euros(500)


@pytest.mark.parametrize("reported_after_seconds", [-3600, 0, 1, 3600])
def test_a_membership_raised_and_ended_between_two_looks_is_over(
    sessions: Sessions, reported_after_seconds: int
) -> None:
    with transaction(sessions) as session:
        member_id = add_member(session)
    look(sessions, member_id, seen(200))
    ended_at = START + timedelta(days=30)
    over = seen(500, ended_at=ended_at, changed_at=ended_at + timedelta(seconds=reported_after_seconds))

    for _ in range(2):
        look(sessions, member_id, over)

    assert last(sessions).kind is FactKind.ended
    assert last(sessions).occurred_at == ended_at
    with reading(sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(MembershipFact)) == 3
        assert active_on(session, (ended_at - timedelta(days=2)).date(), grace_days=7) == 1
        assert active_on(session, (ended_at + timedelta(days=1)).date(), grace_days=7) == 0


def test_a_membership_that_ended_at_the_instant_it_was_raised_is_over(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        member_id = add_member(session)
    look(sessions, member_id, seen(200))

    look(sessions, member_id, seen(500, ended_at=START))
    look(sessions, member_id, seen(900, ended_at=START))

    assert last(sessions).kind is FactKind.ended
