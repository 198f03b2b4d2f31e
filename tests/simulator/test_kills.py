"""kill -9 at any moment, under load: acknowledged writes stay, nothing is half done, every webhook comes."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.simulator.receiver import Receiver
from tests.simulator.shop import Shop
from tests.support.simulator import SimulatorProcess

KILLS = 10
WRITERS = 4


class Writer(threading.Thread):
    """Subscribes readers one after another, and remembers which were acknowledged.

    Attributes: customers, subscriptions: the ids it was told of, customers by name.
    """

    def __init__(self, simulator: SimulatorProcess, number: int, *, price: str) -> None:
        super().__init__(daemon=True)
        self.simulator = simulator
        self.number = number
        self.price = price
        self.stopping = threading.Event()
        self.subscriptions: list[str] = []
        self.customers: dict[str, str] = {}
        self.written = 0

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.subscribe()
            except (stripe.APIConnectionError, stripe.APIError, OSError):
                time.sleep(0.05)

    def subscribe(self) -> None:
        """Make a customer and its subscription; asked again under the same keys until it is done."""
        client, key = self.simulator.client(), f"{self.number}-{self.written}"
        given: stripe.params.CustomerCreateParams = {
            "name": key,
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
        }
        customer = client.v1.customers.create(given, {"idempotency_key": f"customer-{key}"})
        self.customers[key] = customer.id
        data: stripe.params.SubscriptionCreateParams = {
            "customer": customer.id,
            "items": [{"price": self.price}],
        }
        made = client.v1.subscriptions.create(data, {"idempotency_key": f"subscription-{key}"})
        self.subscriptions.append(made.id)
        self.written += 1


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_many_kills_lose_nothing_and_leave_nothing_half_done(receiver: Receiver, tmp_path: Path) -> None:
    state, chance = tmp_path / "stripe.db", random.Random(20261123)
    with SimulatorProcess().start(state=state) as simulator:
        simulator.webhook_endpoint(receiver.url)
        price = Shop(simulator).price().id
        writers = [Writer(simulator, number, price=price) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            before, port = written(writers), simulator.port
            simulator.wait_until(lambda before=before: written(writers) > before)
            time.sleep(chance.uniform(0, 0.4))
            simulator.kill()
            simulator.start(state=state, port=port)
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(timeout=60)

        assert written(writers) > KILLS
        everything_acknowledged_is_kept_once(simulator, writers)
        nothing_is_half_done(simulator)
        every_event_was_delivered(simulator, receiver)


def written(writers: list[Writer]) -> int:
    """How many subscriptions were acknowledged so far."""
    return sum(writer.written for writer in writers)


def everything_acknowledged_is_kept_once(simulator: SimulatorProcess, writers: list[Writer]) -> None:
    customers = {one["name"]: one["id"] for one in simulator.objects("customer")}
    subscriptions = [one["id"] for one in simulator.objects("subscription")]

    for writer in writers:
        assert writer.customers.items() <= customers.items()
        assert set(writer.subscriptions) <= set(subscriptions)
    assert len(simulator.objects("customer")) == len(customers), "a key was done twice"
    owners = Counter(str(one["customer"]) for one in simulator.objects("subscription"))
    assert set(owners.values()) == {1}, "a key was done twice"


def nothing_is_half_done(simulator: SimulatorProcess) -> None:
    kinds = ("subscription", "invoice", "payment_intent", "charge", "balance_transaction")
    counts = {kind: len(simulator.objects(kind)) for kind in kinds}
    told = Counter(event["type"] for event in simulator.objects("event"))

    assert len(set(counts.values())) == 1, counts
    assert {one["status"] for one in simulator.objects("subscription")} == {"active"}
    assert {one["status"] for one in simulator.objects("invoice")} == {"paid"}
    for event in ("customer.subscription.created", "invoice.paid", "charge.succeeded"):
        assert told[event] == counts["subscription"]


def every_event_was_delivered(simulator: SimulatorProcess, receiver: Receiver) -> None:
    born = {event["id"] for event in simulator.objects("event")}

    simulator.wait_until(lambda: simulator.deliver_now()["delivered"], timeout_seconds=60)

    assert {one.event["id"] for one in receiver.received} >= born
