"""What support entitles to, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.entitlement import NOTHING, Entitlement, GiftOnce, Held, Period, Terms, entitlement
from app.members.entitlement import EntitlementReason as Why
from app.members.models import MembershipState as State

DAY = timedelta(days=1)
PAID_UNTIL = datetime(2026, 3, 31, 22, 59, tzinfo=UTC)
A_WEEK = Terms(grace_days=7, days_for_a_gift_made_once=0)
WITH_GRACE = (State.active, State.past_due, State.lapsed)
WITHOUT = (State.paused, State.ended)


def period(days: int = 0, *, kept: bool = True, under_way: bool = False) -> Period:
    """Return a period that ends so many days after the one that is paid for."""
    return Period(until=PAID_UNTIL + days * DAY, kept=kept, under_way=under_way)


def asked(state: State, *periods: Period, after: timedelta, terms: Terms = A_WEEK) -> Entitlement:
    """Return the answer so long after the end of what is paid for."""
    held = Held(state=state, periods=periods or (period(),))
    return entitlement([held], [], terms=terms, now=PAID_UNTIL + after)


@pytest.mark.parametrize("state", State)
def test_what_is_paid_for_entitles_to_its_last_second_whatever_the_state(state: State) -> None:
    answer = asked(state, after=timedelta(seconds=-1))

    assert (answer.entitled, answer.reason) == (True, Why.paid)
    assert answer.paid_until == PAID_UNTIL


@pytest.mark.parametrize("state", WITH_GRACE)
def test_one_that_is_charged_has_grace_to_its_last_second_and_no_longer(state: State) -> None:
    during, over = asked(state, after=7 * DAY - timedelta(seconds=1)), asked(state, after=7 * DAY)

    assert (during.entitled, during.reason) == (True, Why.grace)
    assert (over.entitled, over.reason) == (False, Why.unpaid)
    assert during.until == over.until == PAID_UNTIL + 7 * DAY


@pytest.mark.parametrize(("state", "why"), [(State.paused, Why.paused), (State.ended, Why.ended)])
def test_one_that_is_paused_or_ended_has_no_grace(state: State, why: Why) -> None:
    answer = asked(state, after=timedelta(0))

    assert (answer.entitled, answer.reason) == (False, why)
    assert answer.until == PAID_UNTIL


def test_a_newsroom_without_grace_gives_none() -> None:
    terms = Terms(grace_days=0, days_for_a_gift_made_once=0)

    assert asked(State.past_due, after=timedelta(0), terms=terms).reason is Why.unpaid


def test_a_period_whose_money_went_back_does_not_count() -> None:
    answer = asked(State.active, period(), period(30, kept=False), after=7 * DAY)

    assert (answer.entitled, answer.paid_until) == (False, PAID_UNTIL)


def test_where_all_the_money_went_back_nothing_entitles() -> None:
    answer = asked(State.active, period(kept=False), after=-DAY)

    assert (answer.entitled, answer.reason, answer.paid_until) == (False, Why.given_back, None)


def test_one_of_whose_periods_nothing_is_known_is_unpaid_and_not_given_back() -> None:
    answer = entitlement([Held(state=State.active, periods=[])], [], terms=A_WEEK, now=PAID_UNTIL)

    assert (answer.entitled, answer.reason, answer.until) == (False, Why.unpaid, None)


def test_a_debit_the_bank_has_not_answered_entitles_while_the_membership_is_active() -> None:
    periods = (period(), period(30, kept=False, under_way=True))

    assert asked(State.active, *periods, after=14 * DAY).reason is Why.debit_under_way
    assert asked(State.active, *periods, after=30 * DAY).reason is Why.unpaid
    assert asked(State.past_due, *periods, after=14 * DAY).reason is Why.unpaid
    assert asked(State.active, *periods, after=14 * DAY).paid_until == PAID_UNTIL


def test_a_debit_the_bank_has_not_answered_entitles_to_the_end_of_its_own_period() -> None:
    alone = asked(State.active, period(30, kept=False, under_way=True), after=30 * DAY - timedelta(seconds=1))
    over = asked(State.active, period(30, kept=False, under_way=True), after=30 * DAY)
    of_one_past_due = asked(State.past_due, period(30, kept=False, under_way=True), after=DAY)

    assert (alone.entitled, alone.reason) == (True, Why.debit_under_way)
    assert (over.entitled, over.reason) == (False, Why.unpaid)
    assert alone.until == over.until == PAID_UNTIL + 30 * DAY
    assert alone.paid_until is None
    assert (of_one_past_due.entitled, of_one_past_due.until) == (False, None)


def test_a_debit_whose_period_is_over_is_no_reason_for_grace() -> None:
    periods = (period(), period(3, kept=False, under_way=True))

    assert asked(State.active, *periods, after=3 * DAY - timedelta(seconds=1)).reason is Why.debit_under_way
    assert asked(State.active, *periods, after=3 * DAY).reason is Why.grace


def test_of_two_memberships_the_one_that_entitles_longer_counts() -> None:
    over = Held(state=State.ended, periods=[period()])
    running = Held(state=State.active, periods=[period(60)])

    answer = entitlement([over, running], [], terms=A_WEEK, now=PAID_UNTIL + DAY)

    assert (answer.entitled, answer.paid_until) == (True, PAID_UNTIL + 60 * DAY)


def test_a_gift_made_once_entitles_for_as_long_as_the_newsroom_says() -> None:
    terms = Terms(grace_days=7, days_for_a_gift_made_once=30)
    gift = GiftOnce(paid_at=PAID_UNTIL, kept=True)

    during = entitlement([], [gift], terms=terms, now=PAID_UNTIL + 29 * DAY)
    over = entitlement([], [gift], terms=terms, now=PAID_UNTIL + 30 * DAY)

    assert (during.entitled, during.reason) == (True, Why.given_once)
    assert (over.entitled, over.reason) == (False, Why.ended)
    assert entitlement([], [gift], terms=A_WEEK, now=PAID_UNTIL) == NOTHING


def test_a_membership_says_more_than_a_gift_that_entitles_to_nothing() -> None:
    held = Held(state=State.ended, periods=[period(kept=False)])
    gift = GiftOnce(paid_at=PAID_UNTIL, kept=True)

    assert entitlement([held], [gift], terms=A_WEEK, now=PAID_UNTIL).reason is Why.given_back


def test_a_gift_is_paid_for_to_its_last_day() -> None:
    terms = Terms(grace_days=0, days_for_a_gift_made_once=30)
    answer = entitlement([], [GiftOnce(paid_at=PAID_UNTIL, kept=True)], terms=terms, now=PAID_UNTIL)

    assert answer.until == answer.paid_until == PAID_UNTIL + 30 * DAY


def test_a_gift_that_went_back_entitles_to_nothing() -> None:
    terms = Terms(grace_days=7, days_for_a_gift_made_once=30)

    answer = entitlement([], [GiftOnce(paid_at=PAID_UNTIL, kept=False)], terms=terms, now=PAID_UNTIL)

    assert (answer.entitled, answer.reason) == (False, Why.given_back)


def test_whoever_never_gave_is_entitled_to_nothing() -> None:
    assert entitlement([], [], terms=A_WEEK, now=PAID_UNTIL) == NOTHING


periods = st.builds(period, st.integers(-40, 40), kept=st.booleans(), under_way=st.booleans())
memberships = st.builds(
    lambda state, theirs: Held(state=state, periods=theirs),
    st.sampled_from(State),
    st.lists(periods, max_size=4),
)
gifts = st.builds(
    lambda days, kept: GiftOnce(paid_at=PAID_UNTIL + days * DAY, kept=kept),
    st.integers(-40, 40),
    st.booleans(),
)
terms_of = st.builds(Terms, grace_days=st.integers(0, 20), days_for_a_gift_made_once=st.integers(0, 20))
nows = st.integers(-60, 60).map(lambda days: PAID_UNTIL + days * DAY)


@given(st.lists(memberships, max_size=3), st.lists(gifts, max_size=2), terms_of, nows)
def test_entitled_means_until_a_time_that_is_still_to_come(
    held: list[Held], given_once: list[GiftOnce], terms: Terms, now: datetime
) -> None:
    answer = entitlement(held, given_once, terms=terms, now=now)

    assert answer.entitled == (answer.until is not None and now < answer.until)
    assert not (answer.paid_until and answer.until) or answer.paid_until <= answer.until


@given(st.lists(memberships, max_size=3), st.lists(gifts, max_size=2), terms_of, nows)
def test_the_answer_holds_until_the_time_it_names_and_not_beyond(
    held: list[Held], given_once: list[GiftOnce], terms: Terms, now: datetime
) -> None:
    answer = entitlement(held, given_once, terms=terms, now=now)

    if answer.entitled and answer.until:
        last_second = answer.until - timedelta(seconds=1)
        assert entitlement(held, given_once, terms=terms, now=last_second).entitled
        assert not entitlement(held, given_once, terms=terms, now=answer.until).entitled


@given(st.lists(memberships, max_size=3), st.lists(gifts, max_size=2), terms_of, nows, periods)
def test_another_paid_period_never_takes_anything_away(
    held: list[Held], given_once: list[GiftOnce], terms: Terms, now: datetime, another: Period
) -> None:
    paid = Period(until=another.until, kept=True)
    more = [Held(state=one.state, periods=[*one.periods, paid]) for one in held]

    before = entitlement(held, given_once, terms=terms, now=now)
    after = entitlement(more, given_once, terms=terms, now=now)

    assert after.entitled >= before.entitled


@given(memberships, terms_of, nows)
def test_money_that_goes_back_never_entitles_to_more(held: Held, terms: Terms, now: datetime) -> None:
    returned = Held(state=held.state, periods=[Period(until=one.until, kept=False) for one in held.periods])

    assert not entitlement([returned], [], terms=terms, now=now).entitled


@given(st.lists(periods, max_size=4), terms_of, nows)
def test_one_that_fails_loses_nothing_of_its_grace(theirs: list[Period], terms: Terms, now: datetime) -> None:
    paid = [Period(until=one.until, kept=one.kept) for one in theirs]
    answers = {
        entitlement([Held(state=state, periods=paid)], [], terms=terms, now=now) for state in WITH_GRACE
    }

    assert len(answers) == 1
