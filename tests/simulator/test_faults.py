"""Faults to order, as a client meets them."""

import pytest
import stripe

from tests.simulator.shop import Shop
from tests.simulator.test_protocol import KEY, call
from tests.support.simulator import DoorRefused


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


@pytest.mark.parametrize("order", [{"kind": "earthquake"}, {"kind": "hang", "colour": "red"}])
def test_an_order_nobody_understands_is_refused(shop: Shop, order: dict[str, str]) -> None:
    with pytest.raises(DoorRefused) as refused:
        shop.simulator.door("faults", dict(order))

    assert refused.value.status == 400
