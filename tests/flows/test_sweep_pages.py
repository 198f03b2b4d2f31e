"""Pages of a sweep: none is skipped, and no older picture is ever laid over a newer one."""

import pytest
import sqlalchemy as sa

from app.billing.models import Customer, Subscription
from app.billing.statuses import SubscriptionStatus
from app.db import transaction
from app.flows.reconcile import sweep
from app.flows.reconcile.draining import drain
from app.flows.reconcile.events import follow_events
from app.flows.reconcile.mending import mend
from app.flows.reconcile.pages import compare_page, fetch_page
from app.flows.reconcile.run import Run
from app.flows.reconcile.steps import SUBSCRIPTIONS
from app.inbox.models import InboxEvent, WantedObject
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import QueuedMail
from app.reconciliation.models import Drift, DriftKind, SweepKind
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from tests.support.cast import reader
from tests.support.world import World

MANY = 8
OLDER_SHAPE = "0badcafe"


def give_untold(world: World, count: int) -> None:
    for number in range(count):
        world.pay(world.open_session(world.form(reader(number))), reader(number))


def lead_through(world: World) -> None:
    run = sweep.begin(world.parts, SweepKind.full)
    while not sweep.is_over(run):
        run = sweep.go_on(world.parts, run)
    drain(world.parts)


def begin(world: World) -> Run:
    return sweep.begin(world.parts, SweepKind.full)


def test_no_page_of_a_long_list_is_skipped(world: World) -> None:
    for number in range(205):
        world.v1.customers.create({"email": f"somebody{number}@example.org"})

    lead_through(world)

    assert len(world.rows(Customer)) == 205


def test_a_single_gift_that_webhooks_told_leaves_no_customer_to_find(world: World) -> None:
    world.give(reader(1), interval=Interval.once)

    lead_through(world)

    assert world.rows(Drift) == []


def test_every_page_of_stripes_events_is_read_backwards_and_then_forwards(world: World) -> None:
    give_untold(world, 9)
    first = follow_events(world.parts)
    world.stripe.advance(seconds=3600)
    give_untold(world, 9)
    second = follow_events(world.parts)
    world.stripe.advance(seconds=3600)
    give_untold(world, 12)
    third = follow_events(world.parts)

    told = [event["id"] for event in world.stripe.objects("event") if event["type"] in FOLLOWED_EVENTS]
    assert len(world.stripe.objects("event")) > 300
    assert {event.stripe_event_id for event in world.rows(InboxEvent)} == set(told)
    assert first.new + second.new + third.new == len(told)


@pytest.mark.parametrize("count", [2, MANY])
def test_a_picture_of_something_unseen_is_not_laid_over_a_newer_one(world: World, count: int) -> None:
    give_untold(world, count)
    run = begin(world)
    pictures = compare_page(world.parts, run, SUBSCRIPTIONS, fetch_page(world.parts, run, SUBSCRIPTIONS))
    changed = pictures[0].id
    world.v1.subscriptions.cancel(changed)
    world.settle()

    mend(world.parts, run, SUBSCRIPTIONS, pictures)
    drain(world.parts)

    (row,) = world.rows(Subscription, Subscription.stripe_subscription_id == changed)
    assert row.status is SubscriptionStatus.canceled


@pytest.mark.parametrize("count", [2, MANY])
def test_a_picture_that_differed_is_not_laid_over_a_newer_one(world: World, count: int) -> None:
    for number in range(count):
        world.give(reader(number))
    world.stripe.faults("lose_event", route="*", count=99)
    for subscription in world.stripe.objects("subscription"):
        world.change_amount(subscription["id"], Money(700, "eur"))
    world.stripe.clear_faults()
    run = begin(world)
    pictures = compare_page(world.parts, run, SUBSCRIPTIONS, fetch_page(world.parts, run, SUBSCRIPTIONS))
    assert all(picture.wants_mending for picture in pictures)
    changed = pictures[0].id
    world.v1.subscriptions.cancel(changed)
    world.settle()

    mend(world.parts, run, SUBSCRIPTIONS, pictures)
    drain(world.parts)

    rows = {row.stripe_subscription_id: row for row in world.rows(Subscription)}
    assert rows[changed].status is SubscriptionStatus.canceled
    assert {row.amount_minor for row in rows.values()} == {700}


def test_many_that_differ_are_mended_by_their_page_and_not_one_by_one(world: World) -> None:
    for number in range(MANY):
        world.give(reader(number))
    world.stripe.faults("lose_event", route="*", count=99)
    for subscription in world.stripe.objects("subscription"):
        world.change_amount(subscription["id"], Money(700, "eur"))
    world.stripe.clear_faults()
    before = len(world.stripe.requests())

    lead_through(world)

    assert {row.amount_minor for row in world.rows(Subscription)} == {700}
    paths = [request["path"] for request in world.stripe.requests()[before:]]
    assert not [path for path in paths if path.startswith("/v1/subscriptions/")]


NEVER = 253_402_300_800
"""The first second of the year 10000, which no date of ours can hold."""


@pytest.mark.parametrize("count", [2, MANY])
def test_an_object_that_cannot_be_read_waits_by_itself_and_holds_up_no_page(world: World, count: int) -> None:
    give_untold(world, count)
    poisoned = world.stripe.objects("subscription")[0]["id"]
    world.v1.subscriptions.update(poisoned, {"cancel_at": NEVER})

    lead_through(world)

    assert [(object_id, error) for _, object_id, error in world.pending()] == [(poisoned, "ValueError")]
    assert len(world.rows(Subscription)) == count - 1
    assert poisoned in {drift.object_id for drift in world.rows(Drift)}


@pytest.mark.parametrize("count", [2, MANY])
def test_what_an_older_release_digested_is_compared_anew_and_reported_as_no_difference(
    world: World, count: int
) -> None:
    for number in range(count):
        world.give(reader(number))
    older = f"{OLDER_SHAPE}{'0' * (32 - len(OLDER_SHAPE))}"
    with transaction(world.parts.sessions) as session:
        session.execute(sa.update(WantedObject).values(digest=older))
    mails = len(world.rows(QueuedMail))

    lead_through(world)

    assert world.rows(Drift) == []
    assert all(one.digest and one.digest != older for one in world.rows(WantedObject) if one.synced_at)
    assert len(world.rows(QueuedMail)) == mails


def test_what_differs_in_the_shape_of_now_is_reported(world: World) -> None:
    world.give(reader(1))
    world.v1.subscriptions.cancel(world.subscription_id())

    lead_through(world)

    assert [one.kind for one in world.rows(Drift, Drift.object_type == "subscription")] == [DriftKind.differs]
