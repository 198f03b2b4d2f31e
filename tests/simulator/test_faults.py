"""Faults to order, as a client meets them."""

import http.client
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.simulator.shop import Shop
from tests.simulator.test_protocol import KEY, call
from tests.support.simulator import DoorRefused, SimulatorProcess


def test_fail_before_does_nothing(shop: Shop) -> None:
    shop.simulator.faults("fail_before", method="POST", route="/v1/customers")

    with pytest.raises(stripe.APIError) as refused:
        shop.v1.customers.create({})

    assert refused.value.http_status == 500
    assert shop.simulator.objects("customer") == []
    assert shop.v1.customers.create({}).id


def test_a_lost_answer_was_done_and_is_replayed(shop: Shop) -> None:
    shop.simulator.faults("lost_answer", route="/v1/customers")

    with pytest.raises(stripe.APIConnectionError):
        shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "f1"})
    again = shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "f1"})

    assert [one["id"] for one in shop.simulator.objects("customer")] == [again.id]


def test_an_answer_cut_in_the_middle_was_done(shop: Shop) -> None:
    shop.simulator.faults("reset", route="/v1/customers")

    with pytest.raises(stripe.APIConnectionError):
        shop.v1.customers.create({"name": "Ada"})

    assert len(shop.simulator.objects("customer")) == 1


def test_stripes_client_recovers_from_a_lost_answer_by_itself(shop: Shop) -> None:
    shop.simulator.faults("lost_answer", route="/v1/customers")

    made = shop.simulator.client(max_network_retries=2).v1.customers.create({"name": "Ada"})

    assert [one["id"] for one in shop.simulator.objects("customer")] == [made.id]


def test_fail_after_is_saved_under_the_key(shop: Shop) -> None:
    shop.simulator.faults("fail_after", route="/v1/customers")

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            shop.v1.customers.create({}, {"idempotency_key": "f2"})

    assert len(shop.simulator.objects("customer")) == 1


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("409", 409)])
def test_limits_and_locks(shop: Shop, kind: str, status: int) -> None:
    shop.simulator.faults(kind)

    answered, answer, headers = call(shop.simulator, "POST", "/v1/customers", "", KEY)

    assert answered == status
    assert answer["error"]["message"]
    assert ("Stripe-Should-Retry" in headers) == (status == 429)
    assert shop.simulator.objects("customer") == []


def test_a_hanging_call_outlasts_an_impatient_client(shop: Shop) -> None:
    shop.simulator.faults("hang", route="/v1/customers", seconds=5)
    impatient = shop.simulator.client(http_client=stripe.RequestsClient(timeout=0.5))

    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.customers.create({})

    assert len(shop.simulator.objects("customer")) == 1


def test_the_nth_call_can_be_chosen(shop: Shop) -> None:
    shop.simulator.faults("fail_before", route="/v1/customers/*", nth=2, count=1)
    customer = shop.v1.customers.create({})

    outcomes = []
    for _ in range(3):
        try:
            shop.v1.customers.retrieve(customer.id)
            outcomes.append("ok")
        except stripe.APIError:
            outcomes.append("failed")

    assert outcomes == ["ok", "failed", "ok"]


def test_orders_are_taken_back(shop: Shop) -> None:
    shop.simulator.faults("fail_before", count=100)

    shop.simulator.clear_faults()

    assert shop.v1.customers.create({}).id


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "earthquake"},
        {"kind": "hang", "colour": "red"},
        {"kind": "hang", "id": 7},
        {"kind": "hang", "percent": 101},
        {"kind": "hang", "script": ["ok"]},
        {"kind": "script"},
        {"kind": "script", "script": ["earthquake"]},
    ],
)
def test_an_order_nobody_understands_is_refused(shop: Shop, order: dict[str, Any]) -> None:
    with pytest.raises(DoorRefused) as refused:
        shop.simulator.door("faults", dict(order))

    assert refused.value.status == 400


def outcomes(shop: Shop, calls: int) -> list[int]:
    """The statuses of so many calls that make a customer; 0 where the connection broke."""
    statuses = []
    for _ in range(calls):
        try:
            statuses.append(call(shop.simulator, "POST", "/v1/customers", "", KEY)[0])
        except (OSError, http.client.HTTPException):
            statuses.append(0)
    return statuses


def test_a_script_decides_call_by_call(shop: Shop) -> None:
    shop.simulator.faults("script", script=["ok", "429", "fail_before", "lost_answer", "409", "reset"])

    assert outcomes(shop, 8) == [200, 429, 500, 0, 409, 0, 200, 200]
    assert len(shop.simulator.objects("customer")) == 5


def test_a_share_of_calls_fails_and_the_same_seed_fails_the_same_ones(shop: Shop) -> None:
    runs = []
    for seed in (1, 1, 2):
        shop.simulator.clear_faults()
        shop.simulator.faults("fail_before", percent=40, seed=seed)
        runs.append(outcomes(shop, 60))

    assert runs[0] == runs[1] != runs[2]
    assert 10 < runs[0].count(500) < 40


def test_a_share_of_events_is_never_generated(shop: Shop) -> None:
    shop.simulator.faults("lose_event", route="customer.created", percent=50, seed=3)

    for _ in range(40):
        shop.v1.customers.create({})

    assert 5 < len(shop.event_types()) < 35


def test_orders_and_requests_survive_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "stripe.db"
    with SimulatorProcess().start(state=state) as simulator:
        shop = Shop(simulator)
        simulator.faults("script", script=["429", "ok", "409", "ok"])
        simulator.webhook_faults(drop_percent=30, seed=5)
        first = outcomes(shop, 2)
        before = [(one["id"], one["status"], one["response"]) for one in simulator.requests()]

        simulator.kill()
        simulator.start(state=state)
        second = outcomes(Shop(simulator), 2)

        assert first + second == [429, 200, 409, 200]
        after = [(one["id"], one["status"], one["response"]) for one in simulator.requests()]
        assert after[:2] == before
        assert len(after) == 4
        assert simulator.door("faults")["webhooks"]["*"]["drop_percent"] == 30
