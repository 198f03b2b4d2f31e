"""What we cannot read, or cannot place, waits ever longer by itself and never holds up anything else."""

from collections.abc import Callable
from typing import Any

import pytest

from app.billing.models import Subscription
from app.flows import muting
from app.flows.reconcile.command import reconcile
from app.inbox.leases import LONGEST_RETRY_SECONDS
from app.inbox.models import WantedObject
from app.kernel.clock import utc_now
from app.kernel.money import Money
from app.receipts.models import Receipt
from tests.support.cast import ADA, reader
from tests.support.world import World

READERS = 5
HOURS = 12
MOST_TRIES_AN_HOUR = 2
FIRST_TRIES = 12
"""Within the first hour: 5, 10, 20 … seconds apart."""


def customer_of(world: World) -> str:
    return str(world.stripe.objects("customer")[0]["id"])


def subscribe(world: World, *intervals: str) -> str:
    """Begin a subscription at Stripe, by hand, on the card that is there; returns its id."""
    items = []
    for interval in intervals:
        price: Any = {
            "currency": "eur",
            "unit_amount": 300,
            "recurring": {"interval": interval},
            "product_data": {"name": "By hand"},
        }
        items.append({"price": world.v1.prices.create(price).id})
    method = world.v1.payment_methods.attach("pm_card_visa", {"customer": customer_of(world)})
    given: Any = {"customer": customer_of(world), "items": items, "default_payment_method": method.id}
    return world.v1.subscriptions.create(given).id


def weekly(world: World) -> str:
    return subscribe(world, "week")


def two_prices(world: World) -> str:
    return subscribe(world, "month", "month")


Poison = Callable[[World], str]


def row_of(world: World, object_id: str) -> WantedObject:
    return world.one(WantedObject, WantedObject.object_id == object_id)


@pytest.mark.parametrize("poison", [weekly, two_prices])
def test_a_poisoned_object_backs_off_and_the_others_come_through(world: World, poison: Poison) -> None:
    world.give(ADA)
    poisoned = poison(world)
    world.deliver()

    for number in range(READERS):
        person = reader(number)
        world.pay(world.open_session(world.form(person)), person)
    world.deliver()
    world.work()

    assert row_of(world, poisoned).last_error == "UnsupportedShape"
    assert row_of(world, poisoned).retry_at > utc_now()
    assert {object_id for _, object_id, _ in world.pending()} == {poisoned}
    assert len(world.rows(Receipt)) >= READERS + 1


@pytest.mark.parametrize("poison", [weekly, two_prices])
def test_what_we_do_not_sell_keeps_no_restored_database_muted(world: World, poison: Poison) -> None:
    world.give(ADA)
    poisoned = poison(world)
    world.deliver()
    world.work()
    muting.mute(world.parts)

    outcome = reconcile(world.parts, full=True, since_days=30, say=lambda _line: None)

    assert [told.partition(":")[0] for told in outcome.unsupported] == [poisoned]
    assert outcome.all_equal
    muting.unmute(world.parts)


@pytest.mark.parametrize("poison", [weekly, two_prices])
def test_a_poisoned_object_is_tried_ever_more_rarely(world: World, poison: Poison) -> None:
    world.give(ADA)
    poisoned = poison(world)
    world.deliver()

    for minutes in range(0, HOURS * 60, 10):
        world.wait_and(world.work, hours=minutes / 60)

    tries = row_of(world, poisoned).attempts
    assert FIRST_TRIES - 6 < tries <= FIRST_TRIES + HOURS * MOST_TRIES_AN_HOUR
    assert tries * LONGEST_RETRY_SECONDS > (HOURS - 3) * 3600


def test_a_poisoned_object_comes_through_once_it_is_mended_at_stripe(world: World) -> None:
    world.give(ADA)
    poisoned = weekly(world)
    world.deliver()
    world.work()
    (item,) = next(one for one in world.stripe.objects("subscription") if one["id"] == poisoned)["items"][
        "data"
    ]
    price: Any = {
        "currency": "eur",
        "unit_amount": 500,
        "product": item["price"]["product"],
        "recurring": {"interval": "month"},
    }
    world.v1.subscriptions.update(
        poisoned, {"items": [{"id": item["id"], "price_data": price}], "proration_behavior": "none"}
    )

    world.settle()

    row = world.one(Subscription, Subscription.stripe_subscription_id == poisoned)
    assert Money(row.amount_minor, row.currency) == Money(500, "eur")
    assert world.pending() == []


def test_one_object_that_stripe_cannot_tell_of_holds_up_nothing_else(world: World) -> None:
    world.give(ADA)
    troubled = world.subscription_id()
    world.v1.subscriptions.update(troubled, {"metadata": {"touched": "by hand"}})
    world.stripe.faults("reset", method="GET", route=f"/v1/subscriptions/{troubled}", count=1000)
    other = reader(1)
    world.pay(world.open_session(world.form(other)), other)

    world.deliver()
    world.work()

    assert len(world.rows(Receipt)) == 2
    assert {object_id for _, object_id, _ in world.pending()} == {troubled}
    world.stripe.clear_faults()
    world.come_through()
