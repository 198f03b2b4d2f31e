"""Whatever no webhook told is found in Stripe's lists and mended."""

import pytest

from app.billing.models import Payment, Subscription
from app.billing.statuses import SubscriptionStatus
from app.flows.reconcile.command import Outcome, reconcile
from app.ledger.models import Entry
from app.members.models import FactKind, Member, MembershipFact
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from app.reconciliation.models import Drift, DriftKind
from tests.support.cast import ADA, reader
from tests.support.world import World

MANY = 8
"""More than are left to their ordinary sync."""
LISTS = {
    "/v1/events",
    "/v1/checkout/sessions",
    "/v1/customers",
    "/v1/subscriptions",
    "/v1/invoices",
    "/v1/payment_intents",
    "/v1/refunds",
    "/v1/disputes",
    "/v1/payouts",
}
MOST_LISTS = len(LISTS) + 3
"""The events are asked for their newest twice, the subscriptions once more after the payments."""


def compare(world: World, *, full: bool = True) -> Outcome:
    return reconcile(world.parts, full=full, since_days=30, say=lambda _line: None)


def pay_untold(world: World, count: int) -> None:
    """Let readers begin to pay, and no webhook come."""
    for number in range(count):
        world.pay(world.open_session(world.form(reader(number))), reader(number))


def forget_the_events(world: World) -> None:
    """Move Stripe's clock so far that it lists none of the events so far."""
    for _ in range(3):
        world.stripe.advance(seconds=15 * 86_400)


@pytest.mark.parametrize("count", [2, MANY])
def test_a_full_sweep_finds_everything_that_no_webhook_told(world: World, count: int) -> None:
    pay_untold(world, count)

    outcome = compare(world)

    assert outcome.all_equal
    assert len(world.rows(Member)) == count
    assert len(world.rows(Entry)) == count
    assert len(world.rows(Receipt)) == count
    assert [fact.kind for fact in world.rows(MembershipFact)] == [FactKind.started] * count
    assert len(world.rows(QueuedMail)) == count


def test_a_second_sweep_finds_nothing_and_costs_lists_alone(world: World) -> None:
    world.give(ADA)
    compare(world)
    before = len(world.stripe.requests())

    outcome = compare(world)

    assert outcome.differed == {}
    paths = [request["path"] for request in world.stripe.requests()[before:]]
    assert set(paths) <= LISTS
    assert len(paths) == MOST_LISTS


@pytest.mark.parametrize("count", [2, MANY])
def test_forty_five_silent_days_are_made_up_for_by_one_sweep(world: World, count: int) -> None:
    pay_untold(world, count)
    compare(world)
    forget_the_events(world)
    ended, *_ = world.stripe.objects("subscription")
    world.v1.subscriptions.cancel(ended["id"])

    outcome = compare(world, full=False)

    assert outcome.all_equal
    assert len(world.rows(Payment)) == len(world.stripe.objects("payment_intent")) == 2 * count
    assert len(world.rows(Entry)) == 2 * count
    (row,) = world.rows(Subscription, Subscription.status == SubscriptionStatus.canceled)
    assert row.stripe_subscription_id == ended["id"]
    assert compare(world).differed == {}


def test_a_change_that_stripe_never_reported_is_found_and_said(world: World) -> None:
    world.give(ADA)
    world.stripe.faults("lose_event", route="customer.subscription.*", count=5)
    world.v1.subscriptions.cancel(world.subscription_id())
    world.stripe.clear_faults()

    outcome = compare(world)

    assert outcome.differed == {("subscription", DriftKind.differs): 1}
    assert world.one(Subscription).status is SubscriptionStatus.canceled
    assert world.one(Drift).object_id == world.subscription_id()
    assert compare(world).differed == {}


def test_old_things_found_by_a_sweep_are_mailed_to_nobody(world: World) -> None:
    pay_untold(world, MANY)
    forget_the_events(world)
    pay_untold(world, 1)

    compare(world)

    assert len(world.rows(QueuedMail)) == 1
