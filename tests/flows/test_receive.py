"""A webhook comes in: stored once, its object wanted, nothing else done."""

from datetime import timedelta

import pytest

from app.billing.models import Payment
from app.flows.receive import receive_event
from app.inbox.models import InboxEvent, ObjectType, WantedObject
from app.kernel.clock import utc_now
from app.ledger.models import Entry
from app.outbox.models import QueuedMail
from app.stripe_gateway.errors import BadWebhook
from tests.support.cast import ADA
from tests.support.simulator import Json
from tests.support.world import World


def event(object_id: str = "pi_123", **changed: object) -> Json:
    return {
        "id": "evt_123",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "created": 1_790_000_000,
        "data": {"object": {"id": object_id, "object": "payment_intent"}},
        **changed,
    }


def test_an_event_is_stored_and_its_object_wanted(world: World) -> None:
    assert world.deliver_event(event())

    stored, wanted = world.one(InboxEvent), world.one(WantedObject)
    assert (stored.stripe_event_id, stored.type) == ("evt_123", "payment_intent.succeeded")
    assert (wanted.object_type, wanted.object_id) == (ObjectType.payment_intent, "pi_123")
    assert (wanted.wanted, wanted.done) == (1, 0)


def test_a_second_delivery_of_an_event_wants_nothing_more(world: World) -> None:
    assert world.deliver_event(event())
    assert not world.deliver_event(event())

    assert len(world.rows(InboxEvent)) == 1
    assert world.one(WantedObject).wanted == 1


def test_receiving_asks_stripe_nothing_and_projects_nothing(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    fresh, asked = world.collect(), len(world.stripe.requests())

    world.deliver(fresh)

    assert len(world.stripe.requests()) == asked
    assert world.rows(Payment) == []
    assert world.rows(Entry) == []
    assert world.rows(QueuedMail) == []


def test_ten_events_for_one_object_cost_one_retrieval(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    world.settle()
    (intent,) = world.stripe.objects("payment_intent")
    before = len(world.stripe.requests())

    for number in range(10):
        world.deliver_event(event(intent["id"], id=f"evt_more_{number}"))
    world.work()

    asked = [one["path"] for one in world.stripe.requests()[before:]]
    assert asked.count(f"/v1/payment_intents/{intent['id']}") == 1


@pytest.mark.parametrize(
    "unknown",
    [
        event(type="galaxy.exploded"),
        event(type="charge.succeeded", data={"object": {"object": "charge", "payment_intent": None}}),
        event(data={"object": {"id": "x" * 300}}),
        event(data={"object": {"id": "pi_\u0430"}}),
        event(data={"object": {"id": None}}),
        event(type="invoice.upcoming", data={"object": {"object": "invoice", "lines": {}}}),
    ],
    ids=["unknown type", "charge alone", "long id", "not ASCII", "no id", "upcoming invoice"],
)
def test_what_names_nothing_we_follow_is_kept_and_wants_nothing(world: World, unknown: Json) -> None:
    assert world.deliver_event(unknown)

    assert world.one(InboxEvent).object_id is None
    assert world.rows(WantedObject) == []
    assert world.work() == 0


def test_unknown_fields_and_a_newer_version_do_no_harm(world: World) -> None:
    newer = event(api_version="2031-01-01.zzz", shape="round", request={"new": [1, {"two": None}]})
    newer["data"]["object"]["colour"] = {"deep": ["field"]}

    assert world.deliver_event(newer)

    assert world.one(WantedObject).object_id == "pi_123"


def test_an_event_of_the_other_mode_is_a_fact_that_wants_nothing(world: World) -> None:
    assert world.deliver_event(event(livemode=True))

    assert world.one(InboxEvent).livemode
    assert world.rows(WantedObject) == []


def test_an_event_signed_with_another_secret_leaves_nothing(world: World) -> None:
    payload, header, now = world.signed(event())
    forged = header[:-4] + "0000"

    with pytest.raises(BadWebhook):
        receive_event(world.parts, payload, forged, now=now)

    assert world.rows(InboxEvent) == []


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_event_signed_too_long_ago_or_ahead_leaves_nothing(world: World, seconds: int) -> None:
    payload, header, now = world.signed(event())

    with pytest.raises(BadWebhook):
        receive_event(world.parts, payload, header, now=now + timedelta(seconds=seconds))

    assert world.rows(InboxEvent) == []


def test_a_later_event_does_not_hurry_an_object_that_keeps_failing(world: World) -> None:
    """A poisoned object waits out its delay however many events name it; others are not held up."""
    world.stripe.faults("fail_before", method="GET", route="/v1/payment_intents/*", count=100)
    world.deliver_event(event())
    world.work()
    postponed = world.one(WantedObject).retry_at

    world.deliver_event(event(id="evt_124"))

    assert world.one(WantedObject).retry_at == postponed > utc_now()
