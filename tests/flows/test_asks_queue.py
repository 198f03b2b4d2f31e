"""One at a time, the newest of each matter, and none for ever."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.asks import queue
from app.asks.models import Ask, AskedBy, AskKind
from app.asks.queue import LEASE_SECONDS, AskLease
from app.db import Sessions, reading, transaction
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import wish
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW

WORKERS = 6
A_SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=LEASE_SECONDS)
AMOUNT: dict[str, Any] = {"amount": Money(500, "eur"), "interval": Interval.month}
LATER = NOW + timedelta(days=60)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


def add(sessions: Sessions, kind: AskKind, object_id: str = "sub_1", **fields: Any) -> UUID:
    with transaction(sessions) as session:
        return queue.add_ask(session, wish(kind, object_id, **fields), now=NOW)


def take(sessions: Sessions, ask_id: UUID | None = None, at: datetime = NOW) -> AskLease | None:
    with transaction(sessions) as session:
        return queue.take_one(session, ask_id, now=at) if ask_id else queue.take_next(session, now=at)


def must_take(sessions: Sessions, ask_id: UUID | None = None, at: datetime = NOW) -> AskLease:
    lease = take(sessions, ask_id, at)
    assert lease is not None
    return lease


def done(sessions: Sessions, lease: AskLease, result_id: str | None = None) -> bool:
    with transaction(sessions) as session:
        return queue.mark_done(session, lease, result_id=result_id, now=NOW)


def row_of(sessions: Sessions, ask_id: UUID) -> Ask:
    with reading(sessions) as session:
        return session.get_one(Ask, ask_id)


def test_an_ask_is_taken_once_and_then_it_is_over(sessions: Sessions) -> None:
    ask_id = add(sessions, AskKind.cancel)

    lease = must_take(sessions)

    assert (lease.ask_id, lease.tries, lease.attempt) == (ask_id, 1, 1)
    assert take(sessions) is take(sessions, ask_id) is None
    assert done(sessions, lease)
    assert take(sessions, at=NOW + LEASE * 2) is None
    assert row_of(sessions, ask_id).done_at == NOW


def test_of_many_workers_one_gets_an_ask(sessions: Sessions) -> None:
    add(sessions, AskKind.cancel)

    taken = all_at_once(WORKERS, lambda _: take(sessions))

    assert len([lease for lease in taken if lease]) == 1


def test_many_asks_are_shared_out_each_to_one_worker(sessions: Sessions) -> None:
    asks = {add(sessions, AskKind.cancel, f"sub_{number}") for number in range(WORKERS)}

    taken: list[AskLease | None] = []
    for _ in range(WORKERS):
        taken += all_at_once(WORKERS, lambda _: take(sessions))

    assert sorted(lease.ask_id for lease in taken if lease) == sorted(asks)


def test_a_form_sent_by_many_at_once_is_one_ask(sessions: Sessions) -> None:
    asks = all_at_once(WORKERS, lambda _: add(sessions, AskKind.cancel, nonce="the same"))

    assert len(set(asks)) == 1


def test_what_the_dead_held_is_taken_again(sessions: Sessions) -> None:
    ask_id = add(sessions, AskKind.cancel)
    dead = must_take(sessions)
    assert take(sessions, at=NOW + LEASE) is None

    lease = must_take(sessions, at=NOW + LEASE + A_SECOND)

    assert lease.tries == 2
    assert not done(sessions, dead)
    assert row_of(sessions, ask_id).done_at is None


def test_a_newer_ask_of_the_same_matter_takes_the_place_of_the_older(sessions: Sessions) -> None:
    older, newer = add(sessions, AskKind.pause, resumes_at=LATER), add(sessions, AskKind.resume)
    assert take(sessions, older) is None

    assert must_take(sessions).ask_id == newer

    assert row_of(sessions, older).superseded_at == NOW
    assert take(sessions, older, at=NOW + LEASE * 2) is None


def test_an_older_ask_under_way_is_waited_for(sessions: Sessions) -> None:
    older = add(sessions, AskKind.pause, resumes_at=LATER)
    lease = must_take(sessions, older)
    newer = add(sessions, AskKind.resume)
    assert take(sessions, newer) is take(sessions) is None

    done(sessions, lease)

    assert must_take(sessions).ask_id == newer
    assert row_of(sessions, older).superseded_at is None


def test_an_older_ask_that_died_under_way_does_not_hold_the_newer(sessions: Sessions) -> None:
    older = add(sessions, AskKind.pause, resumes_at=LATER)
    dead = must_take(sessions, older)
    newer = add(sessions, AskKind.resume)

    assert must_take(sessions, at=NOW + LEASE + A_SECOND).ask_id == newer

    assert row_of(sessions, older).superseded_at
    assert not done(sessions, dead)


def test_of_an_older_and_a_newer_taken_at_one_instant_never_both_are_under_way(sessions: Sessions) -> None:
    for number in range(20):
        pair = [add(sessions, AskKind.pause, f"sub_{number}", resumes_at=LATER)]

        def race(worker: int, pair: list[UUID] = pair, number: int = number) -> AskLease | None:
            if worker == 0:
                return take(sessions, pair[0])
            return take(sessions, add(sessions, AskKind.resume, f"sub_{number}"))

        taken = [lease for lease in all_at_once(2, race) if lease]

        assert len(taken) == 1, [lease.kind for lease in taken]


def test_three_of_one_matter_taken_at_one_instant_never_wait_for_each_other(sessions: Sessions) -> None:
    """On PostgreSQL a row that was written again is met last: not every statement meets rows by age."""
    for number in range(40):
        three = [add(sessions, AskKind.pause, f"sub_{number}", resumes_at=LATER) for _ in range(3)]
        with transaction(sessions) as session:
            session.execute(sa.update(Ask).where(Ask.id == three[0]).values(last_error="written again"))
        wanted: list[UUID | None] = [three[2], three[1], None, three[0]]

        def take_one_of_them(worker: int, wanted: list[UUID | None] = wanted) -> AskLease | None:
            return take(sessions, wanted[worker])

        taken = all_at_once(len(wanted), take_one_of_them)

        assert {lease.ask_id for lease in taken if lease} <= {three[2]}
        with transaction(sessions) as session:
            session.execute(sa.update(Ask).where(Ask.done_at.is_(None)).values(retry_at=NOW + LEASE * 9))


def test_another_matter_and_another_object_are_not_in_the_way(sessions: Sessions) -> None:
    asks = {
        add(sessions, AskKind.pause, resumes_at=LATER),
        add(sessions, AskKind.change_amount, **AMOUNT),
        add(sessions, AskKind.cancel_later),
        add(sessions, AskKind.pause, "sub_2", resumes_at=LATER),
    }

    assert {must_take(sessions).ask_id for _ in asks} == asks


def test_refunds_of_one_payment_do_not_replace_each_other(sessions: Sessions) -> None:
    older, newer = (add(sessions, AskKind.refund, "pi_1", amount=Money(100, "eur")) for _ in range(2))

    assert must_take(sessions, newer).ask_id == newer
    assert must_take(sessions).ask_id == older


def test_what_failed_is_tried_again_later_and_holds_nobody_up(sessions: Sessions) -> None:
    poisoned, other = add(sessions, AskKind.cancel), add(sessions, AskKind.cancel, "sub_2")
    lease = must_take(sessions, poisoned)
    with transaction(sessions) as session:
        queue.postpone(session, lease, error="StripeUnavailable", now=NOW)

    assert must_take(sessions, at=NOW + A_SECOND).ask_id == other
    assert take(sessions, at=NOW + A_SECOND) is None
    again = must_take(sessions, at=NOW + timedelta(seconds=5))
    assert (again.ask_id, again.tries, again.attempt) == (poisoned, 2, 1)


def test_a_spoiled_key_is_left_behind(sessions: Sessions) -> None:
    lease = must_take(sessions, add(sessions, AskKind.cancel))
    with transaction(sessions) as session:
        queue.begin_next_attempt(session, lease, error="StripeAnswerSpoiled", now=NOW)

    assert must_take(sessions, at=NOW + timedelta(seconds=5)).attempt == 2


def test_a_refused_ask_is_over(sessions: Sessions) -> None:
    ask_id = add(sessions, AskKind.cancel)
    with transaction(sessions) as session:
        queue.mark_refused(session, must_take_within(session, ask_id), code="resource_missing", now=NOW)

    assert take(sessions, ask_id, at=NOW + LEASE * 2) is None
    assert row_of(sessions, ask_id).refused_code == "resource_missing"


def must_take_within(session: Any, ask_id: UUID) -> AskLease:
    lease = queue.take_one(session, ask_id, now=NOW)
    assert lease is not None
    return lease


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        (AskKind.refund, {"amount_minor": None, "currency": None}, "amount_where_meant"),
        (AskKind.refund, {"amount_minor": 0}, "amount_positive"),
        (AskKind.refund, {"currency": None}, "amount_with_currency"),
        (AskKind.cancel, {"amount_minor": 100, "currency": "eur"}, "amount_where_meant"),
        (AskKind.cancel, {"interval": Interval.month}, "interval_where_meant"),
        (AskKind.cancel, {"resumes_at": LATER}, "pause_with_its_end"),
        (AskKind.pause, {"resumes_at": None}, "pause_with_its_end"),
        (AskKind.cancel, {"refused_at": NOW}, "refused_with_code"),
        (AskKind.cancel, {"lease_until": NOW}, "lease_whole"),
        (AskKind.cancel, {"done_at": NOW, "superseded_at": NOW}, "ended_once"),
        (AskKind.cancel, {"done_at": NOW, "refused_at": NOW, "refused_code": "x"}, "ended_once"),
        (AskKind.cancel, {"staff_id": UUID(int=1)}, "staff_named_by_staff_alone"),
    ],
)
def test_the_database_refuses_what_makes_no_ask(
    sessions: Sessions, kind: AskKind, values: dict[str, Any], named: str
) -> None:
    fields: dict[AskKind, dict[str, Any]] = {
        AskKind.refund: {"amount": Money(100, "eur")},
        AskKind.pause: {"resumes_at": LATER},
    }
    ask_id = add(sessions, kind, asked_by=AskedBy.member, **fields.get(kind, {}))

    with pytest.raises(sa.exc.IntegrityError, match=named), transaction(sessions) as session:
        session.execute(sa.update(Ask).where(Ask.id == ask_id).values(values))
