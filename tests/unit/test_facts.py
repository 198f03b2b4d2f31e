"""What happened to a membership, told from what was recorded and what Stripe shows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.facts import Change, Seen, Standing, changes_since
from app.members.models import FactKind

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def monthly(minor: int) -> Standing:
    return Standing(amount=Money(minor, "eur"), interval=Interval.month)


def yearly(minor: int) -> Standing:
    return Standing(amount=Money(minor, "eur"), interval=Interval.year)


def seen(standing: Standing, *, paid: bool = True, ended_on: int | None = None, changed_on: int = 0) -> Seen:
    return Seen(
        standing=standing,
        paid=paid,
        started_at=START,
        ended_at=None if ended_on is None else START + timedelta(days=ended_on),
        changed_at=START + timedelta(days=changed_on),
    )


def history(looks: list[Seen]) -> list[Change]:
    """Return all facts that a row of looks leaves, in the order they are read back."""
    facts: list[Change] = []
    for look in looks:
        facts += changes_since(facts[-1] if facts else None, look)
        facts.sort(key=lambda fact: fact.occurred_at)
    return facts


def kinds(facts: list[Change]) -> list[FactKind]:
    return [fact.kind for fact in facts]


def test_a_membership_starts_with_its_first_payment_and_not_before() -> None:
    assert history([seen(monthly(200), paid=False)]) == []
    assert history([seen(monthly(200), paid=False), seen(monthly(200))]) == [
        Change(kind=FactKind.started, occurred_at=START, standing=monthly(200))
    ]


def test_a_look_that_shows_nothing_new_adds_nothing() -> None:
    assert len(history([seen(monthly(200))] * 5)) == 1


def test_more_or_less_than_before_is_told_by_the_year() -> None:
    facts = history(
        [
            seen(monthly(200)),
            seen(monthly(500), changed_on=1),
            seen(yearly(2400), changed_on=2),
            seen(monthly(250), changed_on=3),
        ]
    )

    assert kinds(facts) == [FactKind.started, FactKind.raised, FactKind.lowered, FactKind.raised]


def test_a_membership_that_began_and_ended_between_two_looks_has_both_facts() -> None:
    facts = history([seen(monthly(200), ended_on=30)])

    assert kinds(facts) == [FactKind.started, FactKind.ended]
    assert facts[-1].standing == monthly(0)


def test_one_that_was_raised_and_ended_between_two_looks_is_over() -> None:
    facts = history([seen(monthly(200)), seen(monthly(500), ended_on=30, changed_on=31)])

    assert kinds(facts) == [FactKind.started, FactKind.raised, FactKind.ended]


def test_what_has_ended_stays_ended() -> None:
    facts = history([seen(monthly(200), ended_on=30), seen(monthly(900), changed_on=40)])

    assert kinds(facts) == [FactKind.started, FactKind.ended]


def test_two_changes_within_one_second_are_two_facts() -> None:
    facts = history([seen(monthly(200)), seen(monthly(300), changed_on=1), seen(monthly(500), changed_on=1)])

    assert facts[-1].standing == monthly(500)
    assert len({(fact.kind, fact.occurred_at) for fact in facts}) == 3


standings = st.builds(
    lambda minor, interval: Standing(amount=Money(minor, "eur"), interval=interval),
    st.integers(1, 500),
    st.sampled_from([Interval.month, Interval.year]),
)


@st.composite
def pictures(draw: st.DrawFn) -> list[Seen]:
    """Everything Stripe showed of one paid subscription, in order, changes sharing seconds at times."""
    days = sorted(draw(st.lists(st.integers(0, 5), min_size=1, max_size=8)))
    row = [seen(draw(standings), changed_on=day) for day in days]
    if draw(st.booleans()):
        over = draw(st.integers(0, days[-1]))
        row.append(seen(draw(standings), ended_on=over, changed_on=days[-1]))
    return row


@given(pictures(), st.data())
def test_any_row_of_looks_ends_with_the_same_last_standing(row: list[Seen], data: st.DataObject) -> None:
    missed = data.draw(st.sets(st.integers(0, len(row) - 1)))
    looks = [look for at, look in enumerate(row[:-1]) if at not in missed] + [row[-1]]

    few, all_of_them = history(looks), history(row)

    assert few[-1].standing == all_of_them[-1].standing
    assert (few[-1].kind is FactKind.ended) == (row[-1].ended_at is not None)
    assert row[-1].ended_at or few[-1].standing == row[-1].standing


@given(pictures())
def test_facts_are_dated_in_order_and_none_is_taken_for_another(row: list[Seen]) -> None:
    facts = history(row)

    dates = [fact.occurred_at for fact in facts]
    assert dates == sorted(dates)
    assert len({(fact.kind, fact.occurred_at) for fact in facts}) == len(facts)
    assert kinds(facts).count(FactKind.started) == 1


@given(pictures())
def test_replaying_every_look_adds_nothing(row: list[Seen]) -> None:
    facts = history(row)

    assert changes_since(facts[-1], row[-1]) == []
