"""The two ways into the database, and rows written once however many write them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.billing.models import Customer
from app.db import Sessions, insert_once, lean_transaction, reading, save_row, transaction
from app.giving.models import Campaign
from app.kernel.ids import new_id
from app.kernel.network_guard import NetworkInsideTransaction, check_network_allowed
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW

THREADS = 8


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


def campaign(slug: str) -> dict[str, object]:
    return {"id": new_id(), "slug": slug, "created_at": NOW}


def add(sessions: Sessions, slug: str) -> None:
    with transaction(sessions) as session:
        session.add(Campaign(**campaign(slug)))


def slugs(sessions: Sessions) -> list[str]:
    with reading(sessions) as session:
        return list(session.scalars(sa.select(Campaign.slug).order_by(Campaign.slug)))


def test_a_transaction_keeps_what_was_done_in_it(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        session.add(Campaign(**campaign("spring")))

    assert slugs(sessions) == ["spring"]


def test_a_transaction_that_fails_keeps_nothing(sessions: Sessions) -> None:
    def fail_midway() -> None:
        with transaction(sessions) as session:
            session.add(Campaign(**campaign("spring")))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_midway()

    assert slugs(sessions) == []


def test_a_transaction_whose_last_row_breaks_a_rule_keeps_nothing(sessions: Sessions) -> None:
    def add_twice() -> None:
        with transaction(sessions) as session:
            session.add(Campaign(**campaign("spring")))
            session.flush()
            session.add(Campaign(**campaign("spring")))

    with pytest.raises(sa.exc.IntegrityError):
        add_twice()

    assert slugs(sessions) == []


def test_reading_never_keeps_what_was_written_in_it(sessions: Sessions) -> None:
    try:
        with reading(sessions) as session:
            session.add(Campaign(**campaign("spring")))
            session.flush()
    except sa.exc.DBAPIError:
        pass  # PostgreSQL refuses the write itself

    assert slugs(sessions) == []
    add(sessions, "summer")  # the same connection writes again
    assert slugs(sessions) == ["summer"]


def test_a_reader_holds_up_no_writer_and_sees_one_picture_till_its_end(sessions: Sessions) -> None:
    count = sa.select(sa.func.count()).select_from(Campaign)
    with reading(sessions) as session:
        before = session.scalar(count)
        all_at_once(1, lambda _: add(sessions, "spring"))

        during = session.scalar(count)

    assert (before, during) == (0, 0)
    assert slugs(sessions) == ["spring"]


def test_a_reader_is_let_in_while_a_writer_holds_its_locks(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        session.add(Campaign(**campaign("spring")))
        session.flush()

        seen = all_at_once(1, lambda _: slugs(sessions))

    assert seen == [[]]


def test_writers_take_turns_and_none_is_told_that_the_database_is_locked(sessions: Sessions) -> None:
    def add_many(thread: int) -> None:
        for number in range(10):
            with transaction(sessions) as session:
                session.scalar(sa.select(sa.func.count()).select_from(Campaign))
                session.add(Campaign(**campaign(f"c-{thread}-{number}")))

    all_at_once(THREADS, add_many)

    assert len(slugs(sessions)) == THREADS * 10


@pytest.mark.parametrize("way", [transaction, reading, lean_transaction])
def test_the_network_is_out_of_reach_inside_and_in_reach_after(sessions: Sessions, way: object) -> None:
    assert callable(way)
    with way(sessions), pytest.raises(NetworkInsideTransaction):
        check_network_allowed()

    check_network_allowed()


def test_a_row_that_is_there_is_not_inserted_again_and_the_transaction_goes_on(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first = insert_once(session, Campaign, campaign("spring"))
        second = insert_once(session, Campaign, campaign("spring"))
        third = insert_once(session, Campaign, campaign("summer"))

    assert (first, second, third) == (True, False, True)
    assert slugs(sessions) == ["spring", "summer"]


def test_of_many_who_insert_a_row_at_once_exactly_one_did(sessions: Sessions) -> None:
    def insert(_thread: int) -> list[bool]:
        done = []
        for number in range(10):
            with transaction(sessions) as session:
                done.append(insert_once(session, Campaign, campaign(f"c-{number}")))
        return done

    results = all_at_once(THREADS, insert)

    assert [sum(round_) for round_ in zip(*results, strict=True)] == [1] * 10
    assert len(slugs(sessions)) == 10


def test_many_who_save_a_row_at_once_save_one_row_under_one_id(sessions: Sessions) -> None:
    def save(_thread: int) -> UUID:
        with transaction(sessions) as session:
            return save_row(
                session, Customer, "stripe_customer_id", {"stripe_customer_id": "cus_1", "deleted_at": NOW}
            )

    ids = all_at_once(THREADS, save)

    with reading(sessions) as session:
        assert list(session.scalars(sa.select(Customer.id))) == [ids[0]]
    assert len(set(ids)) == 1


def test_saving_sets_what_is_given_and_leaves_the_rest(sessions: Sessions) -> None:
    values = {"stripe_customer_id": "cus_1"}
    with transaction(sessions) as session:
        first = save_row(session, Customer, "stripe_customer_id", {**values, "deleted_at": NOW})
        again = save_row(session, Customer, "stripe_customer_id", {**values, "member_id": None})

    with reading(sessions) as session:
        assert session.get_one(Customer, first).deleted_at == NOW
    assert again == first


def test_an_instant_comes_back_as_it_was_aware_and_in_utc(sessions: Sessions) -> None:
    at = datetime(2026, 10, 25, 2, 30, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    with transaction(sessions) as session:
        session.add(Campaign(**{**campaign("spring"), "created_at": at}))

    with reading(sessions) as session:
        back = session.scalars(sa.select(Campaign.created_at)).one()
    assert back == at
    assert back.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(sessions: Sessions) -> None:
    naive = NOW.replace(tzinfo=None)

    with pytest.raises(sa.exc.StatementError, match="instants are aware"), transaction(sessions) as session:
        session.add(Campaign(**{**campaign("spring"), "created_at": naive}))


def test_an_error_of_the_database_repeats_no_value(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        session.add(Campaign(**campaign("canary")))

    with pytest.raises(sa.exc.IntegrityError) as refused, transaction(sessions) as session:
        session.add(Campaign(**{**campaign("canary"), "created_at": NOW + timedelta(days=1)}))

    assert "2026" not in str(refused.value)
