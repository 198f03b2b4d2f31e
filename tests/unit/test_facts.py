"""What happened to a membership, told from what was recorded and what Stripe shows."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.facts import Change, Seen, Standing, changes_since
from app.members.models import FactKind, MembershipState
from app.members.transitions import LEGAL, leads_to, way

State = MembershipState
START = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
A_MOMENT = timedelta(microseconds=1)


def monthly(minor: int) -> Standing:
    return Standing(amount=Money(minor, "eur"), interval=Interval.month)


def yearly(minor: int) -> Standing:
    return Standing(amount=Money(minor, "eur"), interval=Interval.year)


def seen(
    standing: Standing | None = None,
    state: State = State.active,
    *,
    paid: bool = True,
    ended_on: int | None = None,
    changed_on: int | None = 0,
    looked_on: int = 90,
    **known: object,
) -> Seen:
    picture = Seen(
        standing=standing or monthly(200),
        state=state if ended_on is None else State.ended,
        paid=paid,
        started_at=START,
        ended_at=None if ended_on is None else START + ended_on * DAY,
        reported_at=None if changed_on is None else START + changed_on * DAY,
        seen_at=START + looked_on * DAY,
    )
    return replace(picture, **known)  # type: ignore[arg-type]  # the fields of Seen


def history(looks: list[Seen]) -> list[Change]:
    """Return all facts that a row of looks leaves, in the order they are read back."""
    facts: list[Change] = []
    for look in looks:
        facts += changes_since(facts[-1] if facts else None, look)
        facts.sort(key=lambda fact: fact.occurred_at)
    return facts


def kinds(facts: list[Change]) -> list[FactKind]:
    return [fact.kind for fact in facts]


def days(facts: list[Change]) -> list[float]:
    return [round((fact.occurred_at - START) / DAY, 3) for fact in facts]


def test_a_membership_starts_with_its_first_payment_and_not_before() -> None:
    assert history([seen(paid=False)]) == []
    assert history([seen(paid=False), seen()]) == [
        Change(kind=FactKind.started, occurred_at=START, standing=monthly(200))
    ]


def test_one_that_was_never_paid_has_no_facts_even_when_it_is_over() -> None:
    assert history([seen(paid=False), seen(paid=False, ended_on=1)]) == []


def test_a_look_that_shows_nothing_new_adds_nothing() -> None:
    assert len(history([seen()] * 5)) == 1


def test_more_or_less_than_before_is_told_by_the_year() -> None:
    facts = history(
        [
            seen(),
            seen(monthly(500), changed_on=1),
            seen(yearly(2400), changed_on=2),
            seen(monthly(250), changed_on=3),
        ]
    )

    assert kinds(facts) == [FactKind.started, FactKind.raised, FactKind.lowered, FactKind.raised]


def test_a_membership_that_began_and_ended_between_two_looks_has_both_facts() -> None:
    facts = history([seen(ended_on=30)])

    assert kinds(facts) == [FactKind.started, FactKind.ended]
    assert facts[-1].standing == monthly(0)
    assert facts[-1].state is State.ended


def test_one_that_was_raised_and_ended_between_two_looks_is_over() -> None:
    facts = history([seen(), seen(monthly(500), ended_on=30, changed_on=31)])

    assert kinds(facts) == [FactKind.started, FactKind.raised, FactKind.ended]


def test_one_that_was_raised_is_dated_before_its_end_and_as_early_as_it_was_reported() -> None:
    unreported = history([seen(), seen(monthly(500), ended_on=30, changed_on=None)])
    reported = history([seen(), seen(monthly(500), ended_on=30, changed_on=20)])

    _, raised, ended = unreported
    assert (raised.occurred_at, ended.occurred_at) == (ended.occurred_at - A_MOMENT, START + 30 * DAY)
    assert days(reported) == [0, 20, 30]


def test_the_same_by_the_year_is_not_less() -> None:
    assert kinds(history([seen(monthly(500)), seen(yearly(6000))])) == [FactKind.started, FactKind.raised]
    assert kinds(history([seen(yearly(6000)), seen(monthly(500))])) == [FactKind.started, FactKind.raised]


def test_what_happened_in_the_second_of_the_last_fact_happened_then() -> None:
    raised = seen(monthly(500), changed_on=20)
    again = seen(monthly(700), changed_on=20)
    failing = seen(monthly(700), State.past_due, changed_on=40, failed_at=START + 20 * DAY)

    facts = history([seen(), raised, again, failing])
    assert [fact.occurred_at - START for fact in facts[1:]] == [
        20 * DAY,
        20 * DAY + A_MOMENT,
        20 * DAY + 2 * A_MOMENT,
    ]


def test_a_payment_from_before_the_failure_is_not_what_mended_it() -> None:
    failing = seen(state=State.past_due, changed_on=31, failed_at=START + 28 * DAY)
    mended = seen(changed_on=36, paid_at=START + 2 * DAY)

    assert days(history([seen(), failing, mended])) == [0, 28, 36]


def test_a_pause_that_ends_at_the_very_moment_it_was_to_ran_out() -> None:
    paused = seen(state=State.paused, changed_on=5)
    resumed = seen(changed_on=None, looked_on=34, pause_over_at=START + 34 * DAY)
    looked_at_later = seen(changed_on=34, pause_over_at=START + 34 * DAY)

    assert days(history([seen(), paused, resumed])) == [0, 5, 34]
    assert days(history([seen(), paused, looked_at_later])) == [0, 5, 34]


def test_a_pause_that_ran_out_before_the_period_that_failed_keeps_its_date() -> None:
    paused = seen(state=State.paused, changed_on=5)
    failing = seen(
        state=State.past_due,
        changed_on=None,
        pause_over_at=START + 10 * DAY,
        period_started_at=START + 28 * DAY,
    )

    facts = history([seen(), paused, failing])
    assert kinds(facts) == [FactKind.started, FactKind.paused, FactKind.resumed, FactKind.past_due]
    assert days(facts) == [0, 5, 10, 28]


def test_what_has_ended_stays_ended() -> None:
    facts = history([seen(ended_on=30), seen(monthly(900), changed_on=40)])

    assert kinds(facts) == [FactKind.started, FactKind.ended]


def test_two_changes_within_one_second_are_two_facts() -> None:
    facts = history([seen(), seen(monthly(300), changed_on=1), seen(monthly(500), changed_on=1)])

    assert facts[-1].standing == monthly(500)
    assert len({(fact.kind, fact.occurred_at) for fact in facts}) == 3


def test_a_renewal_that_failed_is_dated_by_its_invoice_and_its_recovery_by_the_payment() -> None:
    failing = seen(state=State.past_due, changed_on=31, failed_at=START + 28 * DAY)
    mended = seen(changed_on=36, paid_at=START + 35 * DAY, failed_at=None)

    facts = history([seen(), failing, failing, mended])

    assert kinds(facts) == [FactKind.started, FactKind.past_due, FactKind.recovered]
    assert days(facts) == [0, 28, 35]
    assert [fact.state for fact in facts] == [State.active, State.past_due, State.active]


def test_one_that_was_raised_while_past_due_is_past_due_still() -> None:
    facts = history([seen(state=State.past_due), seen(monthly(500), State.past_due, changed_on=3)])

    assert facts[-1].kind is FactKind.raised
    assert facts[-1].state is State.past_due


def test_one_that_stripe_gave_up_on_unseen_was_past_due_before_it_lapsed() -> None:
    facts = history([seen(), seen(state=State.lapsed, changed_on=50, failed_at=START + 28 * DAY)])

    assert kinds(facts) == [FactKind.started, FactKind.past_due, FactKind.lapsed]
    assert days(facts) == [0, 28, 50]


def test_an_old_invoice_fails_while_the_pause_holds_and_the_pause_goes_on_once_it_is_paid() -> None:
    paused = seen(state=State.paused, changed_on=5, pause_holds=True)
    failing = seen(state=State.past_due, changed_on=7, pause_holds=True)

    facts = history([seen(), paused, failing, paused])

    assert kinds(facts)[1:] == [FactKind.paused, FactKind.past_due, FactKind.recovered, FactKind.paused]


def test_one_that_fails_after_a_pause_was_resumed_first() -> None:
    paused = seen(state=State.paused, changed_on=5, pause_holds=True)
    failing = seen(state=State.past_due, changed_on=40, failed_at=START + 38 * DAY)

    facts = history([seen(), paused, failing])

    assert kinds(facts)[2:] == [FactKind.resumed, FactKind.past_due]
    assert days(facts)[2:] == [38, 38]


def test_a_pause_that_runs_out_is_dated_by_its_end() -> None:
    paused = seen(state=State.paused, changed_on=5)
    resumed = seen(changed_on=35, pause_over_at=START + 34 * DAY)

    assert days(history([seen(), paused, resumed])) == [0, 5, 34]


def test_a_pause_that_somebody_ends_early_is_dated_by_what_stripe_reported() -> None:
    paused = seen(state=State.paused, changed_on=5)
    resumed = seen(changed_on=10, pause_over_at=START + 34 * DAY)

    assert days(history([seen(), paused, resumed])) == [0, 5, 10]


def test_a_change_of_which_no_event_came_is_dated_by_the_look() -> None:
    facts = history([seen(), seen(monthly(500), changed_on=1), seen(monthly(300), changed_on=None)])
    assert days(facts) == [0, 1, 90]

    facts = history([seen(), seen(monthly(500), changed_on=20), seen(monthly(300), changed_on=3)])
    assert days(facts) == [0, 20, 90]


def test_a_renewal_that_failed_before_its_events_came_is_dated_no_earlier_than_its_period() -> None:
    ahead = seen(state=State.past_due, changed_on=3, looked_on=29, period_started_at=START + 28 * DAY)

    facts = history([seen(), ahead])

    assert kinds(facts) == [FactKind.started, FactKind.past_due]
    assert days(facts) == [0, 28]


def test_a_renewal_that_failed_unreported_is_dated_by_its_period_and_not_by_the_look() -> None:
    unreported = seen(state=State.past_due, changed_on=None, period_started_at=START + 28 * DAY)

    assert days(history([seen(), unreported])) == [0, 28]


def test_one_given_up_before_its_events_came_was_no_earlier_than_the_invoice_that_failed() -> None:
    ahead = seen(state=State.lapsed, changed_on=3, looked_on=50, failed_at=START + 28 * DAY)

    assert days(history([seen(), ahead])) == [0, 28, 28]


def test_a_pause_right_after_a_recovery_is_no_earlier_than_the_payment() -> None:
    failing = seen(state=State.past_due, changed_on=28, failed_at=START + 28 * DAY)
    paused = seen(state=State.paused, changed_on=29, paid_at=START + 35 * DAY, pause_holds=True)

    assert days(history([seen(), failing, paused])) == [0, 28, 35, 35]


def test_one_that_is_given_up_keeps_its_date_though_further_periods_have_begun() -> None:
    failing = seen(state=State.past_due, changed_on=28, failed_at=START + 28 * DAY)
    lapsed = seen(state=State.lapsed, changed_on=50, period_started_at=START + 59 * DAY)

    assert days(history([seen(), failing, lapsed])) == [0, 28, 50]


def test_one_that_ends_while_past_due_is_over() -> None:
    facts = history([seen(state=State.past_due), seen(ended_on=60)])

    assert kinds(facts) == [FactKind.started, FactKind.past_due, FactKind.ended]


def test_a_change_and_a_failure_between_two_looks_stand_in_the_order_they_came() -> None:
    late = seen(monthly(500), State.past_due, changed_on=40, failed_at=START + 28 * DAY)
    early = seen(monthly(500), State.past_due, changed_on=20, failed_at=START + 28 * DAY)

    assert kinds(history([seen(), late]))[1:] == [FactKind.past_due, FactKind.raised]
    assert kinds(history([seen(), early]))[1:] == [FactKind.raised, FactKind.past_due]


@pytest.mark.parametrize("kind", FactKind)
def test_nothing_follows_the_end(kind: FactKind) -> None:
    with pytest.raises(ValueError, match="cannot follow ended"):
        leads_to(kind, State.ended)


@pytest.mark.parametrize("kind", [kind for kind in FactKind if kind is not FactKind.started])
def test_nothing_but_the_start_comes_first(kind: FactKind) -> None:
    with pytest.raises(ValueError, match="cannot follow None"):
        leads_to(kind, None)


def test_there_is_a_legal_way_between_any_two_states() -> None:
    standing = [state for state in State if state is not State.ended]
    for before in standing:
        for after in standing:
            for pause_holds in (True, False):
                state: State = before
                for kind in way(before, after, pause_holds=pause_holds):
                    state = leads_to(kind, state)
                assert state is after


standings = st.builds(
    lambda minor, interval: Standing(amount=Money(minor, "eur"), interval=interval),
    st.integers(1, 3),
    st.sampled_from([Interval.month, Interval.year]),
)
moments = st.none() | st.integers(0, 12).map(lambda day: START + day * DAY)


@st.composite
def looks(draw: st.DrawFn, day: int) -> Seen:
    """What may be seen on a day; its dates may say anything, and be missing."""
    return seen(
        draw(standings),
        draw(st.sampled_from([State.active, State.past_due, State.lapsed, State.paused])),
        paid=draw(st.booleans()),
        changed_on=draw(st.none() | st.integers(0, day)),
        looked_on=day,
        failed_at=draw(moments),
        paid_at=draw(moments),
        pause_over_at=draw(moments),
        period_started_at=draw(moments),
        pause_holds=draw(st.booleans()),
    )


@st.composite
def pictures(draw: st.DrawFn) -> list[Seen]:
    """Everything Stripe showed of one subscription, in order, changes sharing seconds at times."""
    on = sorted(draw(st.lists(st.integers(0, 12), min_size=1, max_size=9)))
    row = [draw(looks(day)) for day in on]
    paid_from = draw(st.integers(0, len(row)))
    row = [replace(look, paid=place >= paid_from) for place, look in enumerate(row)]
    if draw(st.booleans()):
        ended_at = START + draw(st.integers(0, 14)) * DAY
        ended = replace(row[-1], state=State.ended, ended_at=ended_at)
        row += [ended] * draw(st.integers(1, 2))
    return row


@given(pictures())
def test_any_row_of_looks_leaves_a_chain_of_legal_facts(row: list[Seen]) -> None:
    facts = history(row)

    state: State | None = None
    for fact in facts:
        state = leads_to(fact.kind, state)
        assert fact.state is state
    assert kinds(facts).count(FactKind.started) == bool(facts)
    assert FactKind.ended not in kinds(facts)[:-1]


@given(pictures())
def test_the_last_fact_stands_as_the_last_look_shows(row: list[Seen]) -> None:
    facts = history(row)

    assert bool(facts) == row[-1].paid
    if facts:
        assert facts[-1].state is row[-1].state
        over = row[-1].state is State.ended
        assert facts[-1].standing.amount == (Money(0, "eur") if over else row[-1].standing.amount)


@given(pictures())
def test_only_a_change_of_amount_changes_the_amount(row: list[Seen]) -> None:
    facts = history(row)

    for before, after in itertools.pairwise(facts):
        if after.kind in (FactKind.raised, FactKind.lowered):
            more = after.standing.yearly_minor >= before.standing.yearly_minor
            assert more == (after.kind is FactKind.raised)
            assert after.standing != before.standing
        elif after.kind is not FactKind.ended:
            assert after.standing == before.standing


@given(pictures(), st.data())
def test_whatever_looks_are_missed_the_last_standing_is_the_same(
    row: list[Seen], data: st.DataObject
) -> None:
    missed = data.draw(st.sets(st.integers(0, len(row) - 1)))
    some = [look for at, look in enumerate(row[:-1]) if at not in missed] + [row[-1]]

    few, all_of_them = history(some), history(row)

    assert [fact.standing for fact in few[-1:]] == [fact.standing for fact in all_of_them[-1:]]
    assert [fact.state for fact in few[-1:]] == [fact.state for fact in all_of_them[-1:]]


@given(pictures())
def test_each_fact_is_later_than_the_one_before_it(row: list[Seen]) -> None:
    dates = [fact.occurred_at for fact in history(row)]

    assert all(before < after for before, after in itertools.pairwise(dates))


@given(pictures())
def test_no_fact_is_dated_before_its_cause(row: list[Seen]) -> None:
    facts: list[Change] = []
    for look in row:
        new = changes_since(facts[-1] if facts else None, look)
        before = facts[-1].occurred_at if facts else START
        for fact in new:
            assert fact.occurred_at >= latest_cause(fact.kind, look, before)
        facts += new


def latest_cause(kind: FactKind, look: Seen, before: datetime) -> datetime:
    """Return when what led to a fact came about, of what the look shows and was not before the last fact."""
    known = {
        FactKind.past_due: look.failed_at,
        FactKind.recovered: look.paid_at,
        FactKind.ended: look.ended_at,
    }.get(kind)
    if known and known >= before.replace(microsecond=0):  # Stripe counts in whole seconds
        return known
    renewal = kind is FactKind.past_due and look.state is State.past_due
    return max(before, look.period_started_at) if renewal and look.period_started_at else before


@given(pictures())
def test_replaying_every_look_adds_nothing(row: list[Seen]) -> None:
    facts = history(row)

    if facts:
        assert changes_since(facts[-1], row[-1]) == []


def test_every_kind_but_those_of_amount_has_its_place_in_the_table() -> None:
    assert LEGAL.keys() == set(FactKind) - {FactKind.raised, FactKind.lowered}
