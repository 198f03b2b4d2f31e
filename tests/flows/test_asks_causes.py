"""Who asked for a change that Stripe shows: known as soon as it may be done, and said once."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from app.asks import queue
from app.asks.models import AskedBy, AskKind
from app.asks.queries import cause_of_change, find_ask_of_refund, list_asks
from app.db import Sessions, transaction
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import wish
from tests.support.crowd import opened
from tests.support.records import NOW

FIVE, SEVEN = Money(500, "eur"), Money(700, "eur")
ENDS = (AskKind.cancel, AskKind.cancel_later)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


def make(sessions: Sessions, kind: AskKind, *, done: bool = True, tried: bool = True, **fields: Any) -> UUID:
    """Add an ask, begin it and have it done, unless told otherwise."""
    with transaction(sessions) as session:
        ask_id = queue.add_ask(session, wish(kind, "sub_1", **fields), now=NOW)
        lease = queue.take_one(session, ask_id, now=NOW) if tried else None
        if lease and done:
            queue.mark_done(session, lease, result_id=None, now=NOW)
        return ask_id


def cause(sessions: Sessions, *kinds: AskKind, amount: Money | None = None) -> AskedBy | None:
    with transaction(sessions) as session:
        return cause_of_change(session, "sub_1", kinds, now=NOW, amount=amount)


def test_whoever_asked_for_the_end_is_its_cause_once(sessions: Sessions) -> None:
    make(sessions, AskKind.cancel_later, asked_by=AskedBy.staff)

    assert cause(sessions, *ENDS) is AskedBy.staff
    assert cause(sessions, *ENDS) is None


def test_an_ask_counts_from_its_first_try_on_and_not_before(sessions: Sessions) -> None:
    make(sessions, AskKind.cancel, tried=False)
    assert cause(sessions, *ENDS) is None

    make(sessions, AskKind.cancel, done=False)

    assert cause(sessions, *ENDS) is AskedBy.member


def test_a_refused_ask_is_no_cause(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        ask_id = queue.add_ask(session, wish(AskKind.cancel, "sub_1"), now=NOW)
        lease = queue.take_one(session, ask_id, now=NOW)
        assert lease
        queue.mark_refused(session, lease, code="resource_missing", now=NOW)

    assert cause(sessions, *ENDS) is None


def test_an_end_that_was_taken_back_explains_no_later_one(sessions: Sessions) -> None:
    make(sessions, AskKind.cancel_later)
    make(sessions, AskKind.take_back)

    assert cause(sessions, *ENDS) is None


def test_an_older_ask_explains_what_a_newer_one_has_not_undone_yet(sessions: Sessions) -> None:
    make(sessions, AskKind.cancel_later)
    make(sessions, AskKind.take_back, done=False)

    assert cause(sessions, *ENDS) is AskedBy.member


def test_an_amount_is_explained_by_who_asked_for_that_amount(sessions: Sessions) -> None:
    make(sessions, AskKind.change_amount, amount=FIVE, interval=Interval.month)

    assert cause(sessions, AskKind.change_amount, amount=SEVEN) is None
    assert cause(sessions, AskKind.change_amount, amount=FIVE) is AskedBy.member


def test_asks_are_listed_newest_first_and_found_by_what_was_made(sessions: Sessions) -> None:
    first = make(sessions, AskKind.cancel_later)
    with transaction(sessions) as session:
        second = queue.add_ask(session, wish(AskKind.refund, "pi_1", amount=FIVE), now=NOW)
        lease = queue.take_one(session, second, now=NOW)
        assert lease
        queue.mark_done(session, lease, result_id="re_1", now=NOW)

    with transaction(sessions) as session:
        assert [ask.id for ask in list_asks(session, ["sub_1", "pi_1"], limit=9)] == [second, first]
        assert [ask.id for ask in list_asks(session, ["sub_1", "pi_1"], limit=1)] == [second]
        found = find_ask_of_refund(session, "re_1")
        assert found
        assert found.id == second
        assert find_ask_of_refund(session, "re_2") is None
