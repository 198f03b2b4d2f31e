"""One worker at a time per object, and none for ever."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.db import Sessions, reading, transaction
from app.inbox import leases
from app.inbox.intake import want
from app.inbox.leases import LEASE_SECONDS, Lease, LeaseLost
from app.inbox.models import ObjectType, WantedObject
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW

WORKERS = 6
INVOICE = (ObjectType.invoice, "in_1")
A_SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=LEASE_SECONDS)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


def ask(sessions: Sessions, *ids: str, at: timedelta = timedelta()) -> None:
    for object_id in ids or ("in_1",):
        with transaction(sessions) as session:
            want(session, (ObjectType.invoice, object_id), now=NOW + at)


def take(sessions: Sessions, at: timedelta = timedelta()) -> Lease | None:
    with transaction(sessions) as session:
        return leases.take_next(session, now=NOW + at)


def must_take(sessions: Sessions, at: timedelta = timedelta()) -> Lease:
    lease = take(sessions, at)
    assert lease is not None
    return lease


def complete(sessions: Sessions, lease: Lease, at: timedelta = timedelta()) -> None:
    with transaction(sessions) as session:
        leases.complete(session, lease, now=NOW + at)


def fail(sessions: Sessions, lease: Lease, at: timedelta = timedelta()) -> int:
    with transaction(sessions) as session:
        return leases.postpone(session, lease, error="StripeUnavailable", now=NOW + at)


def row_of(sessions: Sessions, object_id: str = "in_1") -> WantedObject:
    with reading(sessions) as session:
        return session.scalars(sa.select(WantedObject).where(WantedObject.object_id == object_id)).one()


def test_ten_wishes_for_one_object_are_one_row_and_one_lease(sessions: Sessions) -> None:
    ask(sessions, *["in_1"] * 10)

    lease = must_take(sessions)

    assert lease.wanted == 10
    assert take(sessions) is None
    complete(sessions, lease)
    assert take(sessions) is None


def test_wishes_at_one_instant_are_all_counted(sessions: Sessions) -> None:
    all_at_once(8, lambda _: ask(sessions))

    assert row_of(sessions).wanted == 8


def test_two_workers_never_hold_the_same_object(sessions: Sessions) -> None:
    ids = [f"in_{number}" for number in range(30)]
    ask(sessions, *ids)

    def work(_worker: int) -> list[str]:
        held = []
        while lease := take(sessions):
            held.append(lease.object_id)
        return held

    held = [object_id for taken in all_at_once(WORKERS, work) for object_id in taken]

    assert sorted(held) == sorted(ids)


def test_many_who_want_the_same_object_at_once_get_one_lease(sessions: Sessions) -> None:
    ask(sessions)

    def take_it(_worker: int) -> Lease | None:
        with transaction(sessions) as session:
            return leases.take_one(session, INVOICE, now=NOW)

    taken = [lease for lease in all_at_once(WORKERS, take_it) if lease]

    assert len(taken) == 1


def test_the_object_that_has_waited_longest_is_taken_first(sessions: Sessions) -> None:
    ask(sessions, "in_late", at=A_SECOND)
    ask(sessions, "in_early")

    first, second = must_take(sessions, A_SECOND), must_take(sessions, A_SECOND)

    assert (first.object_id, second.object_id) == ("in_early", "in_late")


def test_a_lease_is_held_until_it_runs_out_and_then_taken_over(sessions: Sessions) -> None:
    ask(sessions)
    first = must_take(sessions)

    assert take(sessions, LEASE) is None
    second = must_take(sessions, LEASE + A_SECOND)

    assert second.object_id == first.object_id
    assert second.token != first.token


@pytest.mark.parametrize("by_then", ["held by another", "completed by another"])
def test_a_worker_whose_lease_was_taken_over_applies_nothing(sessions: Sessions, by_then: str) -> None:
    ask(sessions)
    first = must_take(sessions)
    second = must_take(sessions, LEASE + A_SECOND)
    if by_then == "completed by another":
        complete(sessions, second, LEASE + A_SECOND)

    with pytest.raises(LeaseLost):
        complete(sessions, first, LEASE + A_SECOND)
    with pytest.raises(LeaseLost):
        fail(sessions, first, LEASE + A_SECOND)

    row = row_of(sessions)
    assert row.attempts == 0
    assert row.last_error is None
    assert row.lease_token == (second.token if by_then == "held by another" else None)


def test_what_was_done_under_a_lost_lease_is_rolled_back_with_it(sessions: Sessions) -> None:
    ask(sessions)
    first = must_take(sessions)
    must_take(sessions, LEASE + A_SECOND)

    def project() -> None:
        with transaction(sessions) as session:
            want(session, (ObjectType.refund, "re_1"), now=NOW)
            leases.complete(session, first, now=NOW)

    with pytest.raises(LeaseLost):
        project()

    with reading(sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WantedObject)) == 1


def test_what_is_wanted_while_it_is_fetched_is_fetched_once_more(sessions: Sessions) -> None:
    ask(sessions)
    lease = must_take(sessions)
    ask(sessions, at=A_SECOND)

    complete(sessions, lease, A_SECOND)

    row = row_of(sessions)
    assert (row.wanted, row.done) == (2, 1)
    again = must_take(sessions, A_SECOND)
    complete(sessions, again, A_SECOND)
    assert take(sessions, A_SECOND) is None


def test_a_failure_waits_ever_longer_and_a_success_forgets_it(sessions: Sessions) -> None:
    ask(sessions)
    at = timedelta()
    for waited in (5, 10, 20):
        fail(sessions, must_take(sessions, at), at)
        assert take(sessions, at + timedelta(seconds=waited - 1)) is None
        at += timedelta(seconds=waited)

    complete(sessions, must_take(sessions, at), at)

    row = row_of(sessions)
    assert (row.attempts, row.last_error, row.synced_at) == (0, None, NOW + at)


def test_a_new_event_does_not_hurry_what_waits_out_a_failure(sessions: Sessions) -> None:
    ask(sessions)
    fail(sessions, must_take(sessions))

    ask(sessions, at=A_SECOND)

    assert take(sessions, A_SECOND) is None
    assert must_take(sessions, timedelta(seconds=5)).wanted == 2


def test_a_reader_who_waits_may_have_it_fetched_before_its_time(sessions: Sessions) -> None:
    ask(sessions)
    fail(sessions, must_take(sessions))

    with transaction(sessions) as session:
        lease = leases.take_one(session, INVOICE, now=NOW + A_SECOND)

    assert lease is not None


def test_what_is_up_to_date_is_not_fetched_for_anyone(sessions: Sessions) -> None:
    ask(sessions)
    complete(sessions, must_take(sessions))

    with transaction(sessions) as session:
        assert leases.take_one(session, INVOICE, now=NOW) is None
        assert leases.take_one(session, (ObjectType.invoice, "in_unknown"), now=NOW) is None


def test_one_poisoned_object_never_holds_up_the_others(sessions: Sessions) -> None:
    ask(sessions, "in_poison", *[f"in_{number}" for number in range(5)])
    done = []
    at = timedelta()
    for _ in range(20):
        lease = take(sessions, at)
        if lease is None:
            at += timedelta(hours=1)
        elif lease.object_id == "in_poison":
            fail(sessions, lease, at)
        else:
            complete(sessions, lease, at)
            done.append((lease.object_id, at))

    assert sorted(object_id for object_id, _ in done) == [f"in_{number}" for number in range(5)]
    assert {at for _, at in done} == {timedelta()}
    assert row_of(sessions, "in_poison").attempts > 5


def test_what_is_given_up_is_wanted_again_by_a_new_event_alone(sessions: Sessions) -> None:
    ask(sessions)
    lease = must_take(sessions)
    with transaction(sessions) as session:
        leases.give_up(session, lease, error="resource_missing", now=NOW)
    assert take(sessions, timedelta(days=1)) is None

    ask(sessions, at=timedelta(days=1))

    assert take(sessions, timedelta(days=1)) is not None


def take_early(sessions: Sessions, at: timedelta) -> Lease:
    with transaction(sessions) as session:
        lease = leases.take_one(session, INVOICE, now=NOW + at)
    assert lease is not None
    return lease


def test_a_try_before_its_time_is_no_further_attempt(sessions: Sessions) -> None:
    ask(sessions)
    assert fail(sessions, must_take(sessions)) == 1
    due_at = row_of(sessions).retry_at

    for number in range(12):
        at = timedelta(milliseconds=100 * number)
        assert fail(sessions, take_early(sessions, at), at) == 1

    assert (row_of(sessions).attempts, row_of(sessions).retry_at) == (1, due_at)
    assert fail(sessions, take_early(sessions, due_at - NOW), due_at - NOW) == 2


def test_what_is_wanted_later_never_puts_off_what_is_wanted_earlier(sessions: Sessions) -> None:
    ask(sessions, at=A_SECOND)
    ask(sessions, at=A_SECOND * 20)

    assert row_of(sessions).retry_at == NOW + A_SECOND
    ask(sessions)
    assert row_of(sessions).retry_at == NOW


def test_what_is_up_to_date_may_be_wanted_for_later(sessions: Sessions) -> None:
    ask(sessions)
    complete(sessions, must_take(sessions))

    ask(sessions, at=A_SECOND * 20)

    assert row_of(sessions).retry_at == NOW + A_SECOND * 20
