"""Support ended, kept, changed, paused and resumed because somebody asked: once, and on the next charge."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.asks.models import Ask, AskKind
from app.billing.models import Invoice, Subscription
from app.billing.statuses import InvoiceStatus, SubscriptionStatus
from app.db import transaction
from app.flows.asking.ask import AskOutcome
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import ask, at_stripe, charged, finish, place, stripes_day
from tests.support.cast import ADA
from tests.support.compare import differences
from tests.support.world import World

FIVE, TEN = Money(500, "eur"), Money(1000, "eur")
SUBSCRIPTION = "/v1/subscriptions/*"
AFTER = ("lost_answer", "reset", "fail_after")
BEFORE = ("fail_before", "429", "409")


@pytest.fixture
def support(world: World) -> str:
    """Ada gives ten euros a month; returns the subscription."""
    world.give(ADA, TEN)
    return world.subscription_id()


def fall_overdue(world: World, subscription_id: str) -> None:
    world.change_card(subscription_id, "tok_chargeCustomerFail")
    world.advance(days=32)
    world.settle()
    assert world.one(Subscription).status is SubscriptionStatus.past_due


def go_on(world: World, days: float) -> None:
    world.advance(days=days)
    world.settle()


def agrees(world: World) -> bool:
    return differences(world.parts.sessions, world.stripe) == []


def test_support_canceled_at_once_ends_and_is_charged_no_more(world: World, support: str) -> None:
    asked = ask(world, AskKind.cancel, support)

    assert asked.outcome is AskOutcome.done
    assert world.one(Subscription).status is SubscriptionStatus.canceled
    assert at_stripe(world, support)["cancellation_details"]["comment"] == f"ask {asked.ask_id}"
    go_on(world, 40)
    assert charged(world) == [1000]
    assert agrees(world)


def test_support_canceled_with_its_period_ends_then(world: World, support: str) -> None:
    ask(world, AskKind.cancel_later, support)
    assert world.one(Subscription).status is SubscriptionStatus.active
    assert world.one(Subscription).cancel_at == world.one(Subscription).current_period_end

    go_on(world, 32)

    assert world.one(Subscription).status is SubscriptionStatus.canceled
    assert charged(world) == [1000]
    assert agrees(world)


def test_a_cancellation_taken_back_before_the_period_ends_goes_on(world: World, support: str) -> None:
    ask(world, AskKind.cancel_later, support)

    ask(world, AskKind.take_back, support)

    assert world.one(Subscription).cancel_at is None
    go_on(world, 32)
    assert world.one(Subscription).status is SubscriptionStatus.active
    assert charged(world) == [1000, 1000]
    assert agrees(world)


def test_an_end_planned_by_date_can_be_taken_back_too(world: World, support: str) -> None:
    in_ten_days = int(stripes_day(world, 10).timestamp())
    world.v1.subscriptions.update(support, {"cancel_at": in_ten_days})

    ask(world, AskKind.take_back, support)

    assert at_stripe(world, support)["cancel_at"] is None
    sent = [
        one["params"]["cancel_at"] for one in world.stripe.requests() if "cancel_at" in one.get("params", {})
    ]
    assert sent == [str(in_ten_days), ""]


def test_what_has_ended_cannot_be_taken_back_nor_changed(world: World, support: str) -> None:
    ask(world, AskKind.cancel, support)

    for kind, fields in (
        (AskKind.take_back, {}),
        (AskKind.change_amount, {"amount": FIVE, "interval": Interval.month}),
        (AskKind.pause, {"resumes_at": stripes_day(world, 30)}),
        (AskKind.resume, {}),
    ):
        asked = ask(world, kind, support, **fields)
        assert (asked.outcome, asked.code) == (AskOutcome.refused, "already_ended")


@pytest.mark.parametrize("kind", [AskKind.cancel, AskKind.cancel_later])
def test_ending_what_has_ended_is_done_already(world: World, support: str, kind: AskKind) -> None:
    world.v1.subscriptions.cancel(support)

    assert ask(world, kind, support).outcome is AskOutcome.done


@pytest.mark.parametrize("kind", [AskKind.cancel, AskKind.cancel_later])
def test_overdue_support_ends_at_once_and_what_is_owed_is_void(
    world: World, support: str, kind: AskKind
) -> None:
    fall_overdue(world, support)

    ask(world, kind, support)

    assert world.one(Subscription).status is SubscriptionStatus.canceled
    assert sorted(invoice.status for invoice in world.rows(Invoice)) == [
        InvoiceStatus.paid,
        InvoiceStatus.void,
    ]
    go_on(world, 40)
    assert charged(world) == [1000]
    assert agrees(world)


@pytest.mark.parametrize("minor", [500, 1500])
def test_another_amount_holds_on_the_very_next_charge(world: World, support: str, minor: int) -> None:
    ask(world, AskKind.change_amount, support, amount=Money(minor, "eur"), interval=Interval.month)
    assert charged(world) == [1000]

    go_on(world, 32)

    assert charged(world) == [1000, minor]
    assert world.one(Subscription).amount_minor == minor
    assert agrees(world)


def test_a_lowered_amount_holds_for_a_renewal_that_is_drafted_already(world: World, support: str) -> None:
    await_draft(world)

    ask(world, AskKind.change_amount, support, amount=FIVE, interval=Interval.month)
    go_on(world, 1)

    assert charged(world) == [1000, 500]
    go_on(world, 31)
    assert charged(world) == [1000, 500, 500]
    assert agrees(world)


def test_a_raised_amount_leaves_a_renewal_that_is_drafted_already(world: World, support: str) -> None:
    await_draft(world)

    ask(world, AskKind.change_amount, support, amount=Money(1500, "eur"), interval=Interval.month)
    go_on(world, 1)

    assert charged(world) == [1000, 1000]
    go_on(world, 31)
    assert charged(world) == [1000, 1000, 1500]
    assert agrees(world)


def await_draft(world: World) -> None:
    """Move Stripe's clock into the hour between the renewal and its charge."""
    ends_at = world.one(Subscription).current_period_end
    assert ends_at
    world.advance_to(ends_at + timedelta(minutes=10))
    world.settle()
    assert len(world.rows(Invoice, Invoice.status == InvoiceStatus.draft)) == 1


def test_a_lowered_amount_holds_for_a_renewal_that_failed(world: World, support: str) -> None:
    fall_overdue(world, support)

    ask(world, AskKind.change_amount, support, amount=FIVE, interval=Interval.month)
    world.change_card(support, "tok_visa")
    go_on(world, 6)

    assert charged(world) == [1000, 500]
    assert world.one(Subscription).status is SubscriptionStatus.active
    assert agrees(world)


@pytest.mark.parametrize(
    ("before", "after", "amount"),
    [(Interval.month, Interval.year, 10000), (Interval.year, Interval.month, 300)],
)
def test_another_interval_begins_when_the_paid_period_is_over(
    world: World, before: Interval, after: Interval, amount: int
) -> None:
    world.give(ADA, TEN, before)
    support = world.subscription_id()
    ends_at = world.one(Subscription).current_period_end
    assert ends_at

    ask(world, AskKind.change_amount, support, amount=Money(amount, "eur"), interval=after)
    world.advance_to(ends_at - timedelta(hours=1))
    world.settle()
    assert charged(world) == [1000]

    go_on(world, 0.2)

    assert charged(world) == [1000, amount]
    assert world.one(Subscription).interval is after
    assert agrees(world)


def test_another_interval_waits_until_what_is_owed_is_paid(world: World, support: str) -> None:
    fall_overdue(world, support)

    asked = ask(world, AskKind.change_amount, support, amount=TEN, interval=Interval.year)

    assert (asked.outcome, asked.code) == (AskOutcome.refused, "overdue")


def test_another_currency_is_refused(world: World, support: str) -> None:
    asked = ask(world, AskKind.change_amount, support, amount=Money(500, "usd"), interval=Interval.month)

    assert (asked.outcome, asked.code) == (AskOutcome.refused, "currency_mismatch")


def test_a_pause_over_the_turn_of_the_year_skips_what_falls_due_and_then_goes_on(world: World) -> None:
    world.set_clock("2026-11-20T12:00:00")
    world.give(ADA, TEN)
    support = world.subscription_id()

    ask(world, AskKind.pause, support, resumes_at=stripes_day(world, 75))
    go_on(world, 70)
    assert charged(world) == [1000]

    go_on(world, 30)

    assert at_stripe(world, support)["pause_collection"] is None
    assert charged(world) == [1000, 1000]
    assert agrees(world)


def test_support_resumed_by_hand_is_charged_at_its_next_renewal(world: World, support: str) -> None:
    ask(world, AskKind.pause, support, resumes_at=stripes_day(world, 300))
    go_on(world, 35)

    ask(world, AskKind.resume, support)
    go_on(world, 31)

    assert charged(world) == [1000, 1000]
    assert agrees(world)


def test_a_pause_voids_a_renewal_that_is_drafted_already(world: World, support: str) -> None:
    await_draft(world)

    ask(world, AskKind.pause, support, resumes_at=stripes_day(world, 20))
    go_on(world, 5)

    assert charged(world) == [1000]
    assert len(world.rows(Invoice, Invoice.status == InvoiceStatus.void)) == 1
    assert agrees(world)


def test_a_pause_stops_the_retries_of_a_renewal_that_failed(world: World, support: str) -> None:
    fall_overdue(world, support)

    ask(world, AskKind.pause, support, resumes_at=stripes_day(world, 60))
    world.change_card(support, "tok_visa")
    go_on(world, 20)

    assert charged(world) == [1000]
    assert agrees(world)


def test_an_overdue_invoice_is_paid_when_asked(world: World, support: str) -> None:
    fall_overdue(world, support)
    world.change_card(support, "tok_visa")
    owed = world.one(Invoice, Invoice.status == InvoiceStatus.open).stripe_invoice_id

    asked = ask(world, AskKind.pay_invoice, owed)

    assert asked.outcome is AskOutcome.done
    assert world.one(Subscription).status is SubscriptionStatus.active
    assert charged(world) == [1000, 1000]
    assert agrees(world)


def test_a_card_that_is_still_declined_is_said_so_once(world: World, support: str) -> None:
    fall_overdue(world, support)
    owed = world.one(Invoice, Invoice.status == InvoiceStatus.open).stripe_invoice_id
    before = len(world.stripe.objects("charge"))

    asked = ask(world, AskKind.pay_invoice, owed)

    assert (asked.outcome, asked.code) == (AskOutcome.refused, "card_declined")
    assert len(world.stripe.objects("charge")) == before + 1
    assert agrees(world)


def test_an_invoice_that_is_paid_or_void_is_not_tried_again(world: World, support: str) -> None:
    (paid,) = world.rows(Invoice)
    assert ask(world, AskKind.pay_invoice, paid.stripe_invoice_id).outcome is AskOutcome.done

    fall_overdue(world, support)
    owed = world.one(Invoice, Invoice.status == InvoiceStatus.open).stripe_invoice_id
    world.v1.invoices.void_invoice(owed)

    assert ask(world, AskKind.pay_invoice, owed).code == "invoice_void"
    assert charged(world) == [1000]


def test_a_subscription_carries_the_asks_ids_and_its_pledges_alone(world: World, support: str) -> None:
    changed = ask(world, AskKind.change_amount, support, amount=FIVE, interval=Interval.month)
    paused = ask(world, AskKind.pause, support, resumes_at=stripes_day(world, 60))

    metadata = at_stripe(world, support)["metadata"]
    assert metadata.pop("pledge")
    assert metadata == {
        "ask": str(paused.ask_id),
        "ask_amount": str(changed.ask_id),
        "ask_collection": str(paused.ask_id),
    }


def test_a_charge_that_is_moved_to_where_it_is_leaves_the_mark_that_it_was_asked_for(
    world: World, support: str
) -> None:
    """Else a restored database would carry out an older wish for another day."""
    older = place(world, AskKind.move_charge, support, charge_at=stripes_day(world, 50))
    due = world.one(Subscription).current_period_end
    newer = ask(world, AskKind.move_charge, support, charge_at=due)
    with transaction(world.parts.sessions) as session:
        session.execute(sa.delete(Ask).where(Ask.id == newer.ask_id))
        session.execute(sa.update(Ask).values(superseded_at=None, tries=1))

    finish(world)

    assert at_stripe(world, support)["metadata"]["ask_day"] == str(newer.ask_id)
    assert world.one(Ask, Ask.id == older.id).refused_code == "done_since"
    assert world.one(Subscription).current_period_end == due
