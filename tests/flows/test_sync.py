"""Lease, then fetch, then project: an older picture is never applied after a newer one."""

import threading
from collections.abc import Callable
from datetime import timedelta

import time_machine

from app.billing.models import Customer, Payment, Subscription
from app.billing.statuses import SubscriptionStatus
from app.db import transaction
from app.flows.sync import Synced, SyncOutcome, sync_at_once, sync_if_wanted, sync_next
from app.inbox import leases
from app.inbox.models import ObjectType, WantedObject
from app.kernel.clock import utc_now
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import FactKind, Member, MembershipFact
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from tests.support.cast import ADA, BEN
from tests.support.compare import differences
from tests.support.simulator import Json
from tests.support.world import World

SLOW_SECONDS = 1.0


class InBackground:
    """Runs a piece of work beside the test and hands back what came of it."""

    def __init__(self, work: Callable[[], Synced | None]) -> None:
        self._result: list[Synced | None] = []
        self._thread = threading.Thread(target=lambda: self._result.append(work()))
        self._thread.start()

    def result(self) -> Synced | None:
        self._thread.join(timeout=30)
        return self._result[0]


def subscribed(world: World) -> str:
    """Return Ada's subscription, synced, with nothing else wanted."""
    world.give(ADA)
    return world.subscription_id()


def change_of(world: World, subscription_id: str, minor: int) -> Json:
    """Change the amount at Stripe; returns the event that tells of it."""
    world.change_amount(subscription_id, Money(minor, "eur"))
    (told,) = [one for one in world.collect() if one["type"] == "customer.subscription.updated"]
    return told


def slow_answer(world: World) -> InBackground:
    """Let a worker fetch a subscription; returns once Stripe has the picture it will answer with late."""
    world.stripe.faults("hang", method="GET", route="/v1/subscriptions/*", seconds=SLOW_SECONDS)
    slow = InBackground(lambda: sync_next(world.parts))
    world.stripe.wait_until(lambda: world.stripe.door("faults")["api"][0]["done"] == 1)
    return slow


def test_a_change_told_while_the_answer_is_under_way_is_fetched_afterwards(world: World) -> None:
    subscription_id = subscribed(world)
    world.deliver_event(change_of(world, subscription_id, 300))
    slow = slow_answer(world)

    world.deliver_event(change_of(world, subscription_id, 900))
    assert sync_next(world.parts) is None, "the second worker waits for the first one's lease"
    slow.result()
    assert world.one(Subscription).amount_minor == 300
    world.work()

    assert world.one(Subscription).amount_minor == 900
    assert world.pending() == []


def test_a_worker_whose_lease_ran_out_applies_nothing(world: World) -> None:
    subscription_id = subscribed(world)
    world.deliver_event(change_of(world, subscription_id, 300))
    slow = slow_answer(world)

    world.deliver_event(change_of(world, subscription_id, 900))
    with time_machine.travel(utc_now() + timedelta(seconds=leases.LEASE_SECONDS + 1), tick=True):
        newer = sync_next(world.parts)
        older = slow.result()

    assert newer
    assert newer.outcome is SyncOutcome.applied
    assert older
    assert older.outcome is SyncOutcome.overtaken
    assert world.one(Subscription).amount_minor == 900
    assert world.pending() == []


def test_a_worker_that_died_with_a_lease_is_followed_by_another(world: World) -> None:
    subscription_id = subscribed(world)
    world.deliver_event(change_of(world, subscription_id, 300))
    with transaction(world.parts.sessions) as session:
        assert leases.take_next(session, now=utc_now())
    assert sync_next(world.parts) is None

    with time_machine.travel(utc_now() + timedelta(seconds=leases.LEASE_SECONDS + 1), tick=True):
        assert sync_next(world.parts)

    assert world.one(Subscription).amount_minor == 300


def test_events_in_reverse_order_and_twice_end_at_stripes_own_state(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    events = world.collect()

    world.deliver([*reversed(events), *events])
    world.undelivered.clear()
    world.settle()

    assert differences(world.parts.sessions, world.stripe) == []
    assert len(world.rows(Receipt)) == len(world.rows(QueuedMail)) == len(world.rows(Entry)) == 1


def test_each_event_alone_brings_in_all_that_it_can(world: World) -> None:
    """The others being lost, one event still leads to the member, the books and the receipt."""
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    (completed,) = [one for one in world.collect() if one["type"] == "checkout.session.completed"]
    world.undelivered.clear()

    world.deliver([completed])
    world.settle()

    assert world.one(MembershipFact).kind is FactKind.started
    assert len(world.rows(Member)) == len(world.rows(Receipt)) == len(world.rows(Entry)) == 1


def test_a_sync_replayed_for_ever_changes_nothing(world: World) -> None:
    world.give(ADA)
    objects = world.rows(WantedObject)
    before = (len(world.rows(Entry)), len(world.rows(Receipt)), len(world.rows(QueuedMail)))

    for _ in range(3):
        for one in objects:
            synced = sync_at_once(world.parts, (one.object_type, one.object_id), now=utc_now())
            assert synced
            assert synced.outcome is SyncOutcome.applied

    assert (len(world.rows(Entry)), len(world.rows(Receipt)), len(world.rows(QueuedMail))) == before
    assert len(world.rows(MembershipFact)) == 1
    assert differences(world.parts.sessions, world.stripe) == []


def test_what_is_up_to_date_is_not_fetched(world: World) -> None:
    subscription_id = subscribed(world)
    asked = len(world.stripe.requests())

    assert sync_if_wanted(world.parts, (ObjectType.subscription, subscription_id)) is None

    assert len(world.stripe.requests()) == asked


def test_an_object_stripe_does_not_know_is_given_up_until_told_of_again(world: World) -> None:
    gone = (ObjectType.payment_intent, "pi_of_another_account")

    synced = sync_at_once(world.parts, gone, now=utc_now())

    assert synced
    assert synced.outcome is SyncOutcome.gone
    wanted = world.one(WantedObject)
    assert (wanted.wanted, wanted.done, wanted.last_error) == (1, 1, "resource_missing")
    assert world.rows(Payment) == []


def test_a_poisoned_object_is_postponed_and_holds_up_nobody(world: World) -> None:
    """A weekly price is nothing we sell: its subscription cannot be read, all else goes on."""
    price = world.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 200,
            "recurring": {"interval": "week"},
            "product_data": {"name": "By the week"},
        }
    )
    method = world.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    customer = world.v1.customers.create(
        {
            "email": BEN.address,
            "payment_method": method.id,
            "invoice_settings": {"default_payment_method": method.id},
        }
    )
    world.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    world.deliver()
    world.work()

    poisoned = {kind: error for kind, _, error in world.pending()}
    assert poisoned == {"subscription": "UnsupportedShape"}
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    world.deliver()
    world.work()
    assert ADA.address in {world.person_of(member).address for member in world.rows(Member)}


def test_delays_grow_with_each_failure_and_end_with_success(world: World) -> None:
    subscription_id = subscribed(world)
    world.deliver_event(change_of(world, subscription_id, 300))
    world.stripe.faults("fail_before", method="GET", route="/v1/subscriptions/*", count=6)
    delays = []
    now = utc_now()
    for _ in range(3):
        with time_machine.travel(now, tick=False):
            assert sync_next(world.parts)
        (row,) = world.rows(WantedObject, WantedObject.object_id == subscription_id)
        delays.append((row.retry_at - now).total_seconds())
        now = row.retry_at

    assert delays == [5, 10, 20]
    with time_machine.travel(now, tick=False):
        world.work()
    (row,) = world.rows(WantedObject, WantedObject.object_id == subscription_id)
    assert (row.attempts, row.last_error) == (0, None)
    assert world.one(Subscription).amount_minor == 300


def test_a_customer_deleted_at_stripe_is_marked_and_the_membership_ends(world: World) -> None:
    world.give(ADA)
    customer_id = world.one(Customer).stripe_customer_id

    world.v1.customers.delete(customer_id)
    world.settle()

    assert world.one(Customer).deleted_at
    assert world.one(Subscription).status is SubscriptionStatus.canceled
    assert [fact.kind for fact in world.rows(MembershipFact)] == [FactKind.started, FactKind.ended]
    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == 1
    assert [mail.kind for mail in world.rows(QueuedMail)] == [MailKind.receipt, MailKind.support_ended]
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_customer_deleted_before_we_ever_looked_is_booked_all_the_same(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    (customer,) = world.stripe.objects("customer")
    world.v1.customers.delete(customer["id"])

    world.settle()

    assert world.person_of(world.one(Member)).address == ADA.address
    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == 1
    assert [mail.kind for mail in world.rows(QueuedMail)] == [MailKind.receipt, MailKind.support_ended]
    assert differences(world.parts.sessions, world.stripe) == []
