"""The same form is the same pledge, and one request at a time opens its Checkout session."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.db import Sessions, reading, transaction
from app.giving import pledges
from app.giving.forms import PledgeForm
from app.giving.models import Campaign, Pledge
from app.giving.pledges import OPENING_LEASE_SECONDS, OpeningLost, Said
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.cast import ADA
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW

LEASE = timedelta(seconds=OPENING_LEASE_SECONDS)
A_SECOND = timedelta(seconds=1)
FORM = PledgeForm(
    nonce="n" * 22,
    amount=Money(200, "eur"),
    interval=Interval.month,
    contact=ADA,
    campaign="spring",
    language="en",
)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


def add(sessions: Sessions, digest: str = "d1") -> tuple[UUID, bool]:
    with transaction(sessions) as session:
        pledge, is_new = pledges.add_pledge(
            session, FORM, said=Said(title="Monthly support"), digest=digest, now=NOW
        )
        return pledge.id, is_new


def take(sessions: Sessions, pledge_id: UUID, at: timedelta = timedelta()) -> UUID | None:
    with transaction(sessions) as session:
        return pledges.take_opening(session, pledge_id, now=NOW + at)


def must_take(sessions: Sessions, pledge_id: UUID, at: timedelta = timedelta()) -> UUID:
    token = take(sessions, pledge_id, at)
    assert token is not None
    return token


def change(sessions: Sessions, pledge_id: UUID, **values: object) -> None:
    with transaction(sessions) as session:
        session.execute(sa.update(Pledge).where(Pledge.id == pledge_id).values(**values))


def open_page(sessions: Sessions, pledge_id: UUID) -> None:
    """Store an open Checkout session, as the flow does."""
    token = must_take(sessions, pledge_id)
    change(
        sessions,
        pledge_id,
        stripe_checkout_session_id="cs_1",
        checkout_url="https://checkout.example/cs_1",
        checkout_until=NOW + timedelta(days=1),
    )
    with transaction(sessions) as session:
        pledges.release_opening(session, pledge_id, token)


def test_the_same_form_twice_is_the_same_pledge(sessions: Sessions) -> None:
    first, again = add(sessions), add(sessions)

    assert (first[1], again) == (True, (first[0], False))


def test_fifty_posts_of_one_form_at_once_are_one_pledge(sessions: Sessions) -> None:
    added = all_at_once(20, lambda _: add(sessions))

    assert len({pledge_id for pledge_id, _ in added}) == 1
    assert sum(is_new for _, is_new in added) == 1


def test_the_same_showing_filled_in_otherwise_is_another_pledge(sessions: Sessions) -> None:
    first, other = add(sessions, "d1")[0], add(sessions, "d2")[0]

    assert first != other
    with reading(sessions) as session:
        siblings = pledges.list_siblings(session, pledges.get_pledge(session, other))
    assert [sibling.id for sibling in siblings] == [first]


def test_one_request_at_a_time_may_open_the_page(sessions: Sessions) -> None:
    pledge_id, _ = add(sessions)

    tokens = [token for token in all_at_once(8, lambda _: take(sessions, pledge_id)) if token]

    assert len(tokens) == 1


def test_the_right_to_open_runs_out_and_passes_to_the_next(sessions: Sessions) -> None:
    pledge_id, _ = add(sessions)
    first = must_take(sessions, pledge_id)

    assert take(sessions, pledge_id, LEASE) is None
    second = must_take(sessions, pledge_id, LEASE + A_SECOND)

    assert second != first
    with pytest.raises(OpeningLost), reading(sessions) as session:
        pledges.get_held_pledge(session, pledge_id, first)


def test_one_who_lost_the_right_does_not_give_back_anothers(sessions: Sessions) -> None:
    pledge_id, _ = add(sessions)
    first = must_take(sessions, pledge_id)
    must_take(sessions, pledge_id, LEASE + A_SECOND)

    with transaction(sessions) as session:
        pledges.release_opening(session, pledge_id, first)

    assert take(sessions, pledge_id, LEASE + A_SECOND) is None


def test_a_right_given_back_may_be_taken_at_once(sessions: Sessions) -> None:
    pledge_id, _ = add(sessions)
    token = must_take(sessions, pledge_id)

    with transaction(sessions) as session:
        pledges.release_opening(session, pledge_id, token)

    assert take(sessions, pledge_id) is not None


def test_a_page_that_is_open_is_not_opened_again(sessions: Sessions) -> None:
    pledge_id, _ = add(sessions)
    open_page(sessions, pledge_id)

    assert take(sessions, pledge_id, A_SECOND) is None
    with reading(sessions) as session:
        assert pledges.is_payable(pledges.get_pledge(session, pledge_id), now=NOW)


@pytest.mark.parametrize(
    ("values", "at"),
    [({"expired_at": NOW}, A_SECOND), ({}, timedelta(days=1))],
    ids=["Stripe says so", "its time is over"],
)
def test_a_page_that_has_closed_may_be_opened_again(
    sessions: Sessions, values: dict[str, object], at: timedelta
) -> None:
    pledge_id, _ = add(sessions)
    open_page(sessions, pledge_id)
    if values:
        change(sessions, pledge_id, **values)

    with reading(sessions) as session:
        assert not pledges.is_payable(pledges.get_pledge(session, pledge_id), now=NOW + at)
    assert take(sessions, pledge_id, at) is not None


def test_a_pledge_completed_is_never_opened_again(sessions: Sessions) -> None:
    pledge_id, _ = add(sessions)
    open_page(sessions, pledge_id)
    change(sessions, pledge_id, completed_at=NOW, expired_at=NOW)

    assert take(sessions, pledge_id, timedelta(days=30)) is None


def test_each_attempt_asks_stripe_under_a_key_of_its_own(sessions: Sessions) -> None:
    pledge_id, _ = add(sessions)
    open_page(sessions, pledge_id)
    with transaction(sessions) as session:
        pledges.begin_next_attempt(pledges.get_pledge(session, pledge_id))

    with reading(sessions) as session:
        pledge = pledges.get_pledge(session, pledge_id)
    assert pledge.attempt == 2
    assert pledge.stripe_checkout_session_id is None
    assert not pledges.is_payable(pledge, now=NOW)


def test_a_resume_key_finds_its_pledge_and_no_other(sessions: Sessions) -> None:
    first, other = add(sessions, "d1")[0], add(sessions, "d2")[0]
    with reading(sessions) as session:
        keys = {pledge_id: pledges.get_pledge(session, pledge_id).resume_key for pledge_id in (first, other)}

        found = pledges.find_pledge_by_resume_key(session, keys[first])
        assert found is not None
        assert found.id == first
        assert pledges.find_pledge_by_resume_key(session, "") is None
    assert keys[first] != keys[other]


def test_a_campaign_is_made_once_by_whoever_names_it_first(sessions: Sessions) -> None:
    def name_it(_thread: int) -> UUID:
        with transaction(sessions) as session:
            return pledges.get_or_add_campaign(session, "spring", now=NOW)

    ids = all_at_once(8, name_it)

    assert len(set(ids)) == 1
    with reading(sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Campaign)) == 1
