"""A subscription covers the fees as long as its pledge, or the last change agreed to, says so."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from app.db import Sessions, reading, transaction
from app.giving.agreements import covers_fees, fees_within, keep_agreement
from app.giving.forms import PledgeForm
from app.giving.pledges import Said, add_pledge
from app.kernel.intervals import Interval
from app.kernel.money import CurrencyMismatch, Money
from tests.support.cast import ADA
from tests.support.crowd import opened
from tests.support.records import NOW

SUBSCRIPTION = "sub_ada"
FIVE_COVERED, TEN_COVERED, TEN = Money(541, "eur"), Money(1056, "eur"), Money(1000, "eur")


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


@pytest.fixture
def pledge_id(sessions: Sessions) -> UUID:
    form = PledgeForm(
        nonce="n" * 22,
        amount=Money(500, "eur"),
        total=FIVE_COVERED,
        interval=Interval.month,
        contact=ADA,
        campaign=None,
        language="en",
    )
    with transaction(sessions) as session:
        return add_pledge(session, form, said=Said(title="Monthly support"), digest="d1", now=NOW)[0].id


def change(sessions: Sessions, total: Money, fees: int, *, days: int) -> None:
    with transaction(sessions) as session:
        keep_agreement(
            session,
            SUBSCRIPTION,
            total=total,
            fees=Money(fees, "eur"),
            now=NOW + timedelta(days=days),
        )


def fees(sessions: Sessions, charged: Money, pledge_id: UUID | None) -> int:
    with reading(sessions) as session:
        return fees_within(session, charged, stripe_subscription_id=SUBSCRIPTION, pledge_id=pledge_id).minor


def test_what_the_pledge_says_holds_while_its_amount_is_charged(sessions: Sessions, pledge_id: UUID) -> None:
    assert fees(sessions, FIVE_COVERED, pledge_id) == 41


def test_an_amount_changed_at_stripe_covers_nothing(sessions: Sessions, pledge_id: UUID) -> None:
    assert fees(sessions, TEN, pledge_id) == 0


def test_a_change_that_covers_the_fees_holds_from_then_on(sessions: Sessions, pledge_id: UUID) -> None:
    change(sessions, TEN_COVERED, 56, days=1)

    with reading(sessions) as session:
        assert covers_fees(session, TEN_COVERED, stripe_subscription_id=SUBSCRIPTION, pledge_id=pledge_id)


def test_a_change_that_no_longer_covers_them_holds_although_the_pledge_did(
    sessions: Sessions, pledge_id: UUID
) -> None:
    change(sessions, FIVE_COVERED, 0, days=1)

    assert fees(sessions, FIVE_COVERED, pledge_id) == 0


def test_of_two_changes_to_one_amount_the_newer_holds(sessions: Sessions, pledge_id: UUID) -> None:
    change(sessions, TEN_COVERED, 0, days=2)
    change(sessions, TEN_COVERED, 56, days=1)

    assert fees(sessions, TEN_COVERED, pledge_id) == 0


def test_a_change_never_carried_out_changes_nothing(sessions: Sessions, pledge_id: UUID) -> None:
    change(sessions, TEN_COVERED, 56, days=1)

    assert fees(sessions, FIVE_COVERED, pledge_id) == 41


def test_a_subscription_without_a_pledge_covers_nothing(sessions: Sessions, pledge_id: UUID) -> None:  # noqa: ARG001 (it must not count)
    assert fees(sessions, FIVE_COVERED, None) == 0


def test_fees_in_another_currency_are_refused(sessions: Sessions) -> None:
    with pytest.raises(CurrencyMismatch), transaction(sessions) as session:
        keep_agreement(session, SUBSCRIPTION, total=TEN, fees=Money(56, "usd"), now=NOW)
