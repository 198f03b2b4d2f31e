"""Webhooks: signed, retried, and troubled on order."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.simulator.receiver import Receiver
from tests.simulator.shop import DAY, Shop
from tests.support.simulator import SimulatorProcess


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint of ours."""
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_stripes_own_package_accepts_the_signature(shop: Shop, receiver: Receiver) -> None:
    endpoint = shop.simulator.webhook_endpoint(receiver.url)

    shop.v1.customers.create({"email": "ada@example.org", "name": "Ада 🌱"})
    shop.simulator.deliver_now()

    [delivery] = receiver.received
    assert stripe.WebhookSignature.verify_header(
        delivery.body.decode(), delivery.signature, endpoint["secret"], tolerance=300
    )
    event = stripe.Webhook.construct_event(delivery.body, delivery.signature, endpoint["secret"])
    assert event.type == "customer.created"


def test_a_signature_made_with_another_secret_is_refused(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)

    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    [delivery] = receiver.received
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(delivery.body.decode(), delivery.signature, "whsec_other")


def test_the_secret_is_told_only_when_the_endpoint_is_made(shop: Shop) -> None:
    made = shop.v1.webhook_endpoints.create({"url": "https://x.example/hook", "enabled_events": ["*"]})

    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    assert shop.v1.webhook_endpoints.retrieve(made.id).secret is None


def test_an_endpoint_may_be_given_a_secret_of_ones_choice(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url, secret="whsec_chosen")

    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    [delivery] = receiver.received
    assert stripe.WebhookSignature.verify_header(
        delivery.body.decode(), delivery.signature, "whsec_chosen", tolerance=300
    )


def test_an_endpoint_gets_only_what_it_asked_for(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url, events=["charge.succeeded"])

    shop.paid_charge()
    shop.simulator.deliver_now()

    assert receiver.types() == ["charge.succeeded"]


def test_a_refused_delivery_is_tried_again_until_it_is_taken(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    receiver.answers = [500, 503]

    shop.v1.customers.create({})
    for _ in range(3):
        shop.simulator.deliver_now()

    assert [one.event["id"] for one in receiver.received] == [receiver.received[0].event["id"]] * 3
    [delivery] = shop.simulator.deliveries()
    assert (delivery["status"], delivery["attempts"]) == ("succeeded", 3)
    assert shop.v1.events.retrieve(delivery["event"]).pending_webhooks == 0


def test_retries_come_by_themselves(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    receiver.answers = [500]

    shop.v1.customers.create({})

    shop.simulator.wait_until(lambda: len(receiver.received) == 2)


def test_an_endpoint_that_is_down_is_retried_later(shop: Shop, receiver: Receiver) -> None:
    receiver.close()
    shop.simulator.webhook_endpoint(receiver.url)

    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    [delivery] = shop.simulator.deliveries()
    assert delivery["status"] == "pending"
    assert delivery["attempts"] >= 1


def test_every_delivery_can_be_duplicated(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.simulator.webhook_faults(duplicate_percent=100)

    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    assert len({one.event["id"] for one in receiver.received}) == 1
    assert len(receiver.received) == 2


def test_dropped_deliveries_never_come_but_stay_listed_as_events(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.simulator.webhook_faults(drop_percent=100, types="customer.*")

    shop.v1.customers.create({})
    shop.v1.products.create({"name": "Support"})
    shop.simulator.deliver_now()

    assert receiver.types() == ["product.created"]
    assert shop.v1.events.list({"type": "customer.created"}).data


def test_held_deliveries_go_out_when_released(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.simulator.webhook_faults(hold=True)
    shop.v1.customers.create({})
    shop.simulator.deliver_now()
    assert receiver.received == []

    shop.simulator.clear_faults()
    shop.simulator.deliver_now()

    assert receiver.types() == ["customer.created"]


def test_a_share_of_deliveries_is_held_until_released_and_then_spared(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.simulator.webhook_faults(hold_percent=100, drop_percent=0, types="customer.*")
    shop.v1.customers.create({})
    shop.v1.products.create({"name": "Support"})
    shop.simulator.deliver_now()
    assert receiver.types() == ["product.created"]

    shop.simulator.release()
    shop.simulator.deliver_now()

    assert receiver.types() == ["product.created", "customer.created"]


def test_waiting_deliveries_can_be_shuffled(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.simulator.webhook_faults(hold=True)
    for _ in range(30):
        shop.v1.customers.create({})
    shop.simulator.deliver_now()

    shop.simulator.webhook_faults(reorder=True, seed=7)
    shop.simulator.deliver_now()

    came = [one.event["id"] for one in receiver.received]
    born = [event["id"] for event in shop.simulator.objects("event")]
    assert sorted(came) == sorted(born)
    assert came != born


def test_delayed_deliveries_come_late_and_once(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.simulator.webhook_faults(delay_percent=100, delay_seconds=3600)
    shop.v1.customers.create({})
    shop.simulator.wait_until(lambda: shop.simulator.deliveries()[0]["mark"] == "delayed")
    assert receiver.received == []

    shop.simulator.deliver_now()

    assert receiver.types() == ["customer.created"]


def test_a_script_decides_delivery_by_delivery(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.simulator.webhook_faults(script=["drop", "duplicate", "ok"])

    for name in ("Ada", "Ben", "Cleo"):
        shop.v1.customers.create({"name": name})
        shop.simulator.deliver_now()

    assert [one.event["data"]["object"]["name"] for one in receiver.received] == ["Ben", "Ben", "Cleo"]


def test_the_same_seed_troubles_the_same_deliveries(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    dropped = []
    for _ in range(2):
        shop.simulator.webhook_faults(drop_percent=50, seed=11)
        for _ in range(12):
            shop.v1.customers.create({})
            shop.simulator.deliver_now()
        dropped.append([one["status"] for one in shop.simulator.deliveries()[:12]])

    assert dropped[0] == dropped[1]
    assert set(dropped[0]) == {"dropped", "succeeded"}


def signatures(header: str) -> int:
    return header.count("v1=")


def test_a_rolled_secret_overlaps_with_the_old_one_for_a_while(shop: Shop, receiver: Receiver) -> None:
    endpoint = shop.simulator.webhook_endpoint(receiver.url)
    new = shop.simulator.roll_secret(endpoint["id"], overlap_seconds=DAY)

    shop.v1.customers.create({})
    shop.simulator.deliver_now()
    shop.simulator.advance(seconds=DAY + 1)
    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    both, later = receiver.received
    for secret in (new, endpoint["secret"]):
        assert stripe.WebhookSignature.verify_header(both.body.decode(), both.signature, secret)
    assert (signatures(both.signature), signatures(later.signature)) == (2, 1)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(later.body.decode(), later.signature, endpoint["secret"])


def test_a_secret_rolled_at_once_ends_the_old_one(shop: Shop, receiver: Receiver) -> None:
    endpoint = shop.simulator.webhook_endpoint(receiver.url)
    new = shop.simulator.roll_secret(endpoint["id"])

    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    [delivery] = receiver.received
    assert new != endpoint["secret"]
    assert signatures(delivery.signature) == 1
    assert stripe.WebhookSignature.verify_header(delivery.body.decode(), delivery.signature, new)


def test_each_endpoint_is_told_in_its_own_version(shop: Shop, receiver: Receiver) -> None:
    made = {"url": receiver.url, "enabled_events": ["*"]}
    for version in ("2026-09-30.endive", None):
        given: Any = {**made, **({"api_version": version} if version else {})}
        shop.v1.webhook_endpoints.create(given)

    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    versions = sorted(one.event["api_version"] for one in receiver.received)
    assert versions == ["2026-09-30.endive", "2026-10-28.endive"]


def test_an_endpoint_of_a_version_there_never_was_is_refused(shop: Shop) -> None:
    given: Any = {"url": "https://x.example", "enabled_events": ["*"], "api_version": "2026-01-01.apple"}

    with pytest.raises(stripe.InvalidRequestError, match="api_version"):
        shop.v1.webhook_endpoints.create(given)


def test_events_are_told_apart_by_whether_they_arrived(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.v1.customers.create({"name": "Ada"})
    shop.simulator.deliver_now()
    receiver.answers = [500] * 5
    shop.v1.customers.create({"name": "Ben"})
    shop.simulator.wait_until(lambda: shop.simulator.deliveries()[0]["attempts"] > 0)

    def named(arrived: bool) -> list[str]:
        found = shop.v1.events.list({"delivery_success": arrived}).data
        return [one.data.object["name"] for one in found]

    assert (named(True), named(False)) == (["Ada"], ["Ben"])


def test_an_event_can_be_sent_again(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url)
    shop.v1.customers.create({})
    shop.simulator.deliver_now()

    shop.simulator.resend(receiver.received[0].event["id"])
    shop.simulator.deliver_now()

    assert len(receiver.received) == 2


def test_an_event_can_be_lost_for_good(shop: Shop) -> None:
    shop.simulator.faults("lose_event", route="charge.succeeded")

    shop.paid_charge()
    shop.paid_charge()

    assert shop.event_types().count("charge.succeeded") == 1


def test_an_unknown_event_type_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="enabled_events"):
        shop.simulator.webhook_endpoint("https://x.example", events=["customer.sneezed"])


def test_pending_deliveries_survive_a_kill(receiver: Receiver, tmp_path: object) -> None:
    state = f"{tmp_path}/stripe.db"
    with SimulatorProcess().start(state=state) as simulator:
        simulator.webhook_endpoint(receiver.url)
        simulator.webhook_faults(hold=True)
        simulator.client().v1.customers.create({})
        simulator.wait_until(lambda: simulator.deliveries()[0]["status"] == "held")
        simulator.kill()
        simulator.start(state=state)

        simulator.clear_faults()
        simulator.deliver_now()

        assert receiver.types() == ["customer.created"]
