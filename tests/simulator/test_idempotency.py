"""Idempotency keys replay what was answered, and are not to be reused for something else."""

import threading

import pytest
import stripe

from tests.simulator.shop import DAY, Shop
from tests.simulator.test_protocol import KEY, call


def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(shop: Shop) -> None:
    first = shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k1"})
    second = shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k1"})

    assert first.id == second.id
    assert len(shop.simulator.objects("customer")) == 1


def test_a_replay_says_that_it_is_one(shop: Shop) -> None:
    headers = {**KEY, "Idempotency-Key": "k2"}
    _, first, fresh = call(shop.simulator, "POST", "/v1/customers", "name=Ada", headers)

    _, second, replayed = call(shop.simulator, "POST", "/v1/customers", "name=Ada", headers)

    assert first == second
    assert "Idempotent-Replayed" not in fresh
    assert replayed["Idempotent-Replayed"] == "true"
    assert replayed["Request-Id"] == fresh["Request-Id"]


def test_a_key_used_with_other_parameters_is_a_400(shop: Shop) -> None:
    shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k3"})

    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refused:
        shop.v1.customers.create({"name": "Ben"}, {"idempotency_key": "k3"})

    assert refused.value.http_status == 400


def test_a_key_used_at_another_endpoint_is_a_400(shop: Shop) -> None:
    shop.v1.customers.create({}, {"idempotency_key": "k4"})

    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        shop.v1.products.create({"name": "Ada"}, {"idempotency_key": "k4"})


def test_a_declined_card_is_replayed_too(shop: Shop) -> None:
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            shop.v1.payment_intents.create(
                {
                    "amount": 500,
                    "currency": "usd",
                    "payment_method": "pm_card_chargeDeclined",
                    "confirm": True,
                },
                {"idempotency_key": "k5"},
            )

    assert len(shop.simulator.objects("charge")) == 1


def test_parameters_that_were_refused_do_not_use_up_the_key(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.products.create({"nam": "Ada"}, {"idempotency_key": "k6"})  # type: ignore[typeddict-unknown-key, typeddict-item]

    assert shop.v1.products.create({"name": "Ada"}, {"idempotency_key": "k6"}).name == "Ada"


def test_keys_are_forgotten_after_a_day_of_the_clock(shop: Shop) -> None:
    first = shop.v1.customers.create({}, {"idempotency_key": "k7"})

    shop.simulator.advance(seconds=DAY + 1)
    second = shop.v1.customers.create({}, {"idempotency_key": "k7"})

    assert first.id != second.id


def test_a_key_in_flight_is_a_409(shop: Shop) -> None:
    shop.simulator.faults("hang", route="/v1/customers", seconds=2)
    headers = {**KEY, "Idempotency-Key": "k8"}
    done: list[int] = []

    def slow() -> None:
        done.append(call(shop.simulator, "POST", "/v1/customers", "", headers)[0])

    thread = threading.Thread(target=slow)
    thread.start()
    shop.simulator.wait_until(lambda: len(shop.simulator.objects("customer")) == 1)
    status, answer, _ = call(shop.simulator, "POST", "/v1/customers", "", headers)
    thread.join()

    assert (status, answer["error"]["code"]) == (409, "idempotency_key_in_use")
    assert done == [200]
    assert len(shop.simulator.objects("customer")) == 1
    replayed = call(shop.simulator, "POST", "/v1/customers", "", headers)
    assert replayed[0] == 200


def test_fifty_parallel_calls_with_one_key_make_one_object(shop: Shop) -> None:
    headers = {**KEY, "Idempotency-Key": "k9"}
    statuses: list[int] = []

    def post() -> None:
        statuses.append(call(shop.simulator, "POST", "/v1/customers", "name=Ada", headers)[0])

    threads = [threading.Thread(target=post) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {200, 409}
    assert len(shop.simulator.objects("customer")) == 1
