"""How memberships stand, from what Stripe shows: each state, the way in and the way out of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from app.asks.models import AskedBy, AskKind
from app.billing.models import Invoice, Subscription
from app.billing.statuses import InvoiceStatus, SubscriptionStatus
from app.db import reading
from app.inbox.intake import want
from app.inbox.models import InboxEvent, ObjectType
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactCause, FactKind, MembershipFact, MembershipState
from app.outbox.models import MailKind, QueuedMail
from app.reports.members import active_on
from tests.support.asking import ask
from tests.support.cast import ADA, BEN
from tests.support.compare import differences
from tests.support.world import World

TEN = Money(1000, "eur")
NO_CARD, NEW_CARD = "tok_chargeCustomerFail", "tok_visa"
State = MembershipState


@pytest.fixture
def support(world: World) -> str:
    """Ada gives ten euros a month; returns the subscription."""
    world.give(ADA, TEN)
    return world.subscription_id()


def facts(world: World) -> list[MembershipFact]:
    return sorted(world.rows(MembershipFact), key=lambda fact: fact.occurred_at)


def told(world: World) -> list[tuple[FactKind, State, FactCause | None]]:
    """Return what happened since the start, the state it led to, and by whom."""
    return [(fact.kind, fact.state, fact.cause) for fact in facts(world)][1:]


def mails(world: World) -> list[MailKind]:
    """Return the mails about the membership itself, in the order they were queued."""
    about = (
        MailKind.support_changed, MailKind.support_paused, MailKind.support_resumed,
        MailKind.support_ending, MailKind.support_ended, MailKind.second_subscription,
    )  # fmt: skip
    queued = [mail for mail in world.rows(QueuedMail) if mail.kind in about]
    return [mail.kind for mail in sorted(queued, key=lambda mail: mail.id)]


def change(world: World, subscription_id: str, **fields: Any) -> None:
    """Change a subscription in Stripe's dashboard."""
    world.v1.subscriptions.update(subscription_id, fields)  # type: ignore[arg-type]  # the tests' own words
    world.settle()


def go_on(world: World, days: float) -> None:
    world.advance(days=days)
    world.settle()


def fall_overdue(world: World, subscription_id: str) -> None:
    world.change_card(subscription_id, NO_CARD)
    go_on(world, 32)


def replay(world: World, subscription_id: str) -> None:
    """Have the same picture applied once more."""
    with world.parts.sessions.begin() as session:
        want(session, (ObjectType.subscription, subscription_id), now=utc_now())
    world.come_through()


def agrees(world: World) -> bool:
    assert differences(world.parts.sessions, world.stripe) == []
    return True


def test_a_renewal_that_fails_is_past_due_from_its_invoice_on_and_recovers_with_its_payment(
    world: World, support: str
) -> None:
    fall_overdue(world, support)

    assert told(world) == [(FactKind.past_due, State.past_due, None)]
    (invoice,) = world.rows(Invoice, Invoice.status == InvoiceStatus.open)
    assert facts(world)[-1].occurred_at == invoice.finalized_at

    world.change_card(support, NEW_CARD)
    go_on(world, 7)

    assert told(world)[1:] == [(FactKind.recovered, State.active, None)]
    assert mails(world) == []
    assert agrees(world)


def test_a_renewal_that_fails_again_after_it_recovered_is_past_due_again(world: World, support: str) -> None:
    for card, days in ((NO_CARD, 32), (NEW_CARD, 7), (NO_CARD, 25), (NEW_CARD, 7)):
        world.change_card(support, card)
        go_on(world, days)
        replay(world, support)

    kinds = [fact.kind for fact in facts(world)]
    assert kinds == [FactKind.started, *2 * [FactKind.past_due, FactKind.recovered]]
    assert agrees(world)


def test_one_that_stripe_gives_up_on_is_over_by_dunning(world: World, support: str) -> None:
    fall_overdue(world, support)

    go_on(world, 30)

    assert told(world)[1:] == [(FactKind.ended, State.ended, FactCause.dunning)]
    assert mails(world) == [MailKind.support_ended]
    assert agrees(world)


def test_one_that_stands_unpaid_is_lapsed_and_recovers_once_it_is_paid(world: World, support: str) -> None:
    world.stripe.settings(after_last_retry="unpaid")
    fall_overdue(world, support)
    go_on(world, 26)
    assert world.one(Subscription).status is SubscriptionStatus.unpaid
    assert told(world)[1:] == [(FactKind.lapsed, State.lapsed, None)]

    world.change_card(support, NEW_CARD)
    (latest,) = (one["latest_invoice"] for one in world.stripe.objects("subscription"))
    world.v1.invoices.pay(latest)
    world.settle()

    assert told(world)[2:] == [(FactKind.recovered, State.active, None)]
    assert agrees(world)


def test_a_pause_and_its_end_are_dated_by_stripe_and_told_once(world: World, support: str) -> None:
    change(world, support, pause_collection={"behavior": "void"})
    replay(world, support)
    go_on(world, 32)
    change(world, support, pause_collection="")
    replay(world, support)

    stripe = FactCause.stripe
    assert told(world) == [
        (FactKind.paused, State.paused, stripe), (FactKind.resumed, State.active, stripe)
    ]  # fmt: skip
    assert mails(world) == [MailKind.support_paused, MailKind.support_resumed]
    assert facts(world)[-1].amount_minor == 1000
    assert agrees(world)


def test_a_pause_over_a_year_boundary_charges_nothing_and_ends_by_itself(world: World) -> None:
    world.set_clock("2026-11-30T22:59:00")
    world.give(ADA, TEN)
    support = world.subscription_id()
    until = datetime(2027, 2, 10, 12, tzinfo=UTC)

    change(world, support, pause_collection={"behavior": "void", "resumes_at": int(until.timestamp())})
    world.advance_to(datetime(2027, 1, 15, tzinfo=UTC))
    world.settle()
    assert world.one(Subscription).paused_until == until
    world.advance_to(datetime(2027, 2, 28, 23, 59, tzinfo=UTC))
    world.settle()

    paid = [row for row in world.rows(Invoice) if row.status is InvoiceStatus.paid]
    assert sorted((row.period_start.year, row.period_start.month) for row in paid) == [(2026, 11), (2027, 2)]
    assert told(world)[1:] == [(FactKind.resumed, State.active, None)]
    assert facts(world)[-1].occurred_at == until
    with reading(world.parts.sessions) as session:
        days = [datetime(2026, 11, 30), datetime(2026, 12, 31), datetime(2027, 2, 9), datetime(2027, 2, 10)]  # noqa: DTZ001 (days)
        assert [active_on(session, day.date(), grace_days=7) for day in days] == [0, 0, 0, 1]
    assert agrees(world)


def test_an_invoice_from_before_a_pause_that_fails_makes_it_past_due_until_it_is_paid(
    world: World, support: str
) -> None:
    fall_overdue(world, support)
    change(world, support, pause_collection={"behavior": "void"})
    assert told(world)[-1][1] is State.past_due

    world.change_card(support, NEW_CARD)
    go_on(world, 7)

    assert [kind for kind, _, _ in told(world)[1:]] == [FactKind.recovered, FactKind.paused]
    assert agrees(world)


@pytest.mark.parametrize(
    ("asked_by", "cause"), [(AskedBy.member, FactCause.member), (AskedBy.staff, FactCause.staff)]
)
def test_a_cancellation_while_past_due_is_at_once_and_whose_it_is(
    world: World, support: str, asked_by: AskedBy, cause: FactCause
) -> None:
    fall_overdue(world, support)

    ask(world, AskKind.cancel_later, support, asked_by=asked_by)
    go_on(world, 40)

    assert told(world)[1:] == [(FactKind.ended, State.ended, cause)]
    assert mails(world) == [MailKind.support_ended]
    assert agrees(world)


def test_a_cancellation_taken_back_before_the_period_ends_leaves_no_fact(world: World, support: str) -> None:
    for kind in (AskKind.cancel_later, AskKind.take_back, AskKind.cancel_later):
        ask(world, kind, support)
        replay(world, support)
        go_on(world, 1)
    assert told(world) == []
    told_of = [MailKind.support_ending, MailKind.support_resumed, MailKind.support_ending]
    assert mails(world) == told_of

    go_on(world, 32)

    assert told(world) == [(FactKind.ended, State.ended, FactCause.member)]
    assert facts(world)[-1].occurred_at == world.one(Subscription).cancel_at
    assert mails(world) == [*told_of, MailKind.support_ended]
    assert agrees(world)


def test_an_end_that_was_known_before_is_no_news_even_where_its_mail_is_gone(
    world: World, support: str
) -> None:
    ask(world, AskKind.cancel_later, support)
    with world.parts.sessions.begin() as session:
        session.execute(sa.delete(QueuedMail).where(QueuedMail.kind == MailKind.support_ending))

    replay(world, support)

    assert mails(world) == []


def test_an_end_that_is_put_off_is_told_anew(world: World, support: str) -> None:
    end = int(world.stripe.now())
    for days in (40, 70):
        change(world, support, cancel_at=end + days * 86_400, proration_behavior="none")

    assert mails(world) == [MailKind.support_ending] * 2


def test_one_ended_in_stripes_dashboard_was_ended_at_stripe(world: World, support: str) -> None:
    world.v1.subscriptions.cancel(support)
    world.settle()

    assert told(world) == [(FactKind.ended, State.ended, FactCause.stripe)]


def test_one_ended_with_a_reason_from_stripes_list_was_ended_by_its_member(
    world: World, support: str
) -> None:
    world.v1.subscriptions.cancel(support, {"cancellation_details": {"feedback": "too_expensive"}})
    world.settle()

    assert told(world) == [(FactKind.ended, State.ended, FactCause.member)]
    assert world.one(Subscription).cancellation_feedback == "too_expensive"


def test_a_change_to_yearly_waits_out_the_paid_month_as_a_trial_and_is_active(
    world: World, support: str
) -> None:
    ask(world, AskKind.change_amount, support, amount=Money(9000, "eur"), interval=Interval.year)

    assert world.one(Subscription).status is SubscriptionStatus.trialing
    assert told(world) == [(FactKind.lowered, State.active, FactCause.member)]
    assert mails(world) == [MailKind.support_changed]

    go_on(world, 32)

    assert world.one(Subscription).status is SubscriptionStatus.active
    assert len(told(world)) == 1
    assert agrees(world)


def test_another_quantity_is_another_amount(world: World, support: str) -> None:
    (item,) = world.stripe.objects("subscription")[0]["items"]["data"]

    change(world, support, items=[{"id": item["id"], "quantity": 3}], proration_behavior="none")

    assert told(world) == [(FactKind.raised, State.active, FactCause.stripe)]
    assert facts(world)[-1].amount_minor == 3000
    assert agrees(world)


def test_a_lowered_amount_holds_on_the_very_next_charge_and_says_who_lowered_it(
    world: World, support: str
) -> None:
    ask(world, AskKind.change_amount, support, amount=Money(400, "eur"), interval=Interval.month)

    go_on(world, 32)

    charged = [one["amount"] for one in world.stripe.objects("charge") if one["status"] == "succeeded"]
    assert charged == [1000, 400]
    assert told(world) == [(FactKind.lowered, State.active, FactCause.member)]
    assert agrees(world)


def test_a_first_payment_abandoned_at_the_bank_makes_nobody_a_member_and_tells_nobody(world: World) -> None:
    form = world.form(BEN)
    session_id = world.open_session(form)
    world.pay(session_id, BEN, card="4000002760003184")
    world.settle()
    assert world.one(Subscription).status is SubscriptionStatus.incomplete
    change(world, world.subscription_id(), cancel_at_period_end=True)

    go_on(world, 1.1)

    assert facts(world) == []
    assert world.rows(QueuedMail) == []
    world.pay(world.open_session(form), BEN)
    world.settle()
    assert [fact.kind for fact in facts(world)] == [FactKind.started]
    assert agrees(world)


def test_a_yearly_membership_from_a_leap_day_renews_on_the_last_of_february(world: World) -> None:
    world.set_clock("2028-02-29T22:59:00")
    world.give(ADA, TEN, Interval.year)

    world.advance_to(datetime(2029, 3, 1, 12, tzinfo=UTC))
    world.settle()

    starts = sorted(local_date(row.period_start, world.parts.newsroom.zone) for row in world.rows(Invoice))
    assert [(day.month, day.day) for day in starts] == [(2, 29), (2, 28)]
    assert told(world) == []
    assert agrees(world)


@pytest.mark.parametrize("start", ["2027-03-27T22:59:00", "2027-10-30T21:59:00"])
def test_a_fact_a_minute_before_midnight_is_of_that_day_across_a_change_of_clocks(
    world: World, start: str
) -> None:
    world.set_clock(start)
    world.give(ADA, TEN)
    begun = facts(world)[0]
    assert (begun.occurred_at.astimezone(world.parts.newsroom.zone).strftime("%H:%M")) == "23:59"

    go_on(world, 1)
    change(world, world.subscription_id(), pause_collection={"behavior": "void"})

    paused = facts(world)[-1]
    assert (paused.occurred_at - begun.occurred_at).days == 1
    assert paused.occurred_on == local_date(paused.occurred_at, world.parts.newsroom.zone)
    assert (paused.occurred_on - begun.occurred_on).days in (1, 2)
    assert agrees(world)


def test_a_fact_of_which_no_event_came_is_dated_by_the_look(world: World, support: str) -> None:
    world.v1.subscriptions.update(support, {"pause_collection": {"behavior": "void"}})
    world.collect()
    world.undelivered.clear()
    before = utc_now()

    replay(world, support)

    paused = facts(world)[-1]
    assert paused.kind is FactKind.paused
    assert before <= paused.occurred_at <= utc_now()
    assert max(event.occurred_at for event in world.rows(InboxEvent)) < paused.occurred_at


def test_what_a_sweep_finds_is_recorded_and_told_to_nobody(world: World, support: str) -> None:
    world.v1.subscriptions.cancel(support)
    world.stripe.advance(seconds=60)
    with world.parts.sessions.begin() as session:
        found = (ObjectType.subscription, support)
        want(session, found, now=utc_now(), silent_before=datetime(2100, 1, 1, tzinfo=UTC))
    world.come_through()

    assert [kind for kind, _, _ in told(world)] == [FactKind.ended]
    assert mails(world) == []


def test_a_renewal_seen_to_have_failed_before_its_events_come_did_not_fail_before_its_period(
    world: World, support: str
) -> None:
    begun = world.one(Subscription).current_period_end
    world.change_card(support, NO_CARD)
    early = world.collect()
    world.advance(days=32)

    world.deliver(early)
    world.work()

    assert begun is not None
    assert told(world) == [(FactKind.past_due, State.past_due, None)]
    assert facts(world)[-1].occurred_at >= begun


def test_a_pause_seen_before_its_event_comes_is_not_dated_by_what_an_earlier_look_had_shown(
    world: World, support: str
) -> None:
    world.v1.subscriptions.update(support, {"metadata": {"note": "1"}})
    early = world.collect()
    world.undelivered.clear()
    world.advance(days=1)
    change(world, support, metadata={"note": "2"})
    shown_at = max(event.occurred_at for event in world.rows(InboxEvent) if event.object_id == support)
    world.advance(days=2)
    world.v1.subscriptions.update(support, {"pause_collection": {"behavior": "void"}})

    world.deliver(early)
    world.wait_and(world.work, hours=72)

    assert facts(world)[-1].kind is FactKind.paused
    assert facts(world)[-1].occurred_at > shown_at
