"""Keys, routes, headers and errors on the wire, spoken by a bare HTTP client."""

import base64
import http.client
import json
from typing import Any

import pytest
import stripe

from app.simulator.contract import check_response
from tests.simulator.shop import Shop
from tests.support.simulator import SimulatorProcess

Json = dict[str, Any]
KEY = {"Authorization": "Bearer sk_test_local"}


def call(
    simulator: SimulatorProcess, method: str, path: str, body: str | None = None, headers: Json | None = None
) -> tuple[int, Json, Json]:
    """Status, body and headers of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    sent = {"Content-Type": "application/x-www-form-urlencoded", **(KEY if headers is None else headers)}
    connection.request(method, path, body, sent)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer, dict(response.getheaders())


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "You did not provide an API key"),
        ({"Authorization": "Bearer nonsense"}, "Invalid API Key provided"),
        ({"Authorization": "Bearer sk_test_"}, "Invalid API Key provided"),
        ({"Authorization": "Bearer " + "sk_live_" + "x" * 20}, "refuses live keys"),
        ({"Authorization": "Bearer pk_test_123"}, "Invalid API Key provided"),
        ({"Authorization": "Basic !!!"}, "You did not provide an API key"),
    ],
)
def test_a_wrong_key_is_a_401_in_stripes_shape(
    simulator: SimulatorProcess, headers: Json, words: str
) -> None:
    status, answer, _ = call(simulator, "GET", "/v1/customers", headers=headers)

    assert status == 401
    assert words in answer["error"]["message"]
    assert answer["error"]["type"] == "invalid_request_error"
    assert check_response(answer) == []


@pytest.mark.parametrize("key", ["sk_test_local", "rk_test_local"])
def test_test_keys_are_taken_as_bearer_and_as_basic(simulator: SimulatorProcess, key: str) -> None:
    basic = base64.b64encode(f"{key}:".encode()).decode()

    for header in (f"Bearer {key}", f"Basic {basic}"):
        status, _, _ = call(simulator, "GET", "/v1/customers", headers={"Authorization": header})
        assert status == 200


def test_every_answer_names_its_request_and_version(simulator: SimulatorProcess) -> None:
    _, _, headers = call(simulator, "GET", "/v1/customers")

    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == "2026-10-28.endive"


def test_another_api_version_is_refused(simulator: SimulatorProcess) -> None:
    status, answer, _ = call(
        simulator, "GET", "/v1/customers", headers={**KEY, "Stripe-Version": "2019-01-01"}
    )

    assert status == 400
    assert "2019-01-01" in answer["error"]["message"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nonsense"), ("PUT", "/v1/customers")])
def test_an_unknown_route_is_a_404(simulator: SimulatorProcess, method: str, path: str) -> None:
    status, answer, _ = call(simulator, method, path)

    assert status == 404
    assert f"Unrecognized request URL ({method}: {path})" in answer["error"]["message"]


def test_a_route_not_covered_says_so_with_501(simulator: SimulatorProcess) -> None:
    status, answer, _ = call(simulator, "POST", "/v1/topups", "amount=100")

    assert status == 501
    assert "does not cover" in answer["error"]["message"]
    assert check_response(answer) == []


def test_the_second_api_is_not_here_and_says_so(simulator: SimulatorProcess) -> None:
    headers = {**KEY, "Stripe-Version": "2024-09-30.acacia"}

    status, answer, _ = call(simulator, "POST", "/v2/billing/meter_event_session", "", headers)

    assert status == 501
    assert answer["error"]["code"] == "not_implemented_by_simulator"


def test_a_missing_object_is_a_404_with_its_code(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.customers.retrieve("cus_nobody")

    assert refused.value.http_status == 404
    assert refused.value.code == "resource_missing"
    assert refused.value.param == "id"
    assert str(refused.value).endswith("No such customer: 'cus_nobody'")


@pytest.mark.parametrize(
    ("path", "body", "param", "code", "words"),
    [
        ("/v1/customers", "nam=Ada", "nam", "parameter_unknown", "Received unknown parameter: nam"),
        ("/v1/customers", "a=1&b=2", "a", "parameter_unknown", "Received unknown parameters: a, b"),
        ("/v1/products", "active=true", "name", "parameter_missing", "Missing required param: name."),
        ("/v1/products", "name=", "name", "parameter_invalid_empty", "You passed an empty string for 'name'"),
        ("/v1/products", "name=x&active=maybe", "active", None, "Invalid boolean: maybe"),
        ("/v1/payment_intents", "amount=1.5&currency=usd", "amount", "parameter_invalid_integer", "1.5"),
        ("/v1/payment_intents", "amount=10&currency=usd", "amount", "amount_too_small", "at least $0.50"),
        (
            "/v1/payment_intents",
            "amount=100000000&currency=usd",
            "amount",
            "amount_too_large",
            "no more than",
        ),
        ("/v1/payment_intents", "amount=100&currency=xyz", "currency", None, "Invalid currency: xyz"),
        ("/v1/prices", "currency=usd&unit_amount=5", "product", "parameter_missing", "product"),
        (
            "/v1/checkout/sessions",
            "success_url=x&line_items[0][price_data][currency]=usd&line_items[0][prise]=1",
            "line_items[0][prise]",
            "parameter_unknown",
            "line_items[0][prise]",
        ),
    ],
)
def test_wrong_parameters_are_refused_in_stripes_words(
    simulator: SimulatorProcess, path: str, body: str, param: str, code: str | None, words: str
) -> None:
    status, answer, _ = call(simulator, "POST", path, body)

    error = answer["error"]
    assert status == 400
    assert (error["type"], error.get("param"), error.get("code")) == ("invalid_request_error", param, code)
    assert words in error["message"]
    assert check_response(answer) == []


@pytest.mark.parametrize("body", ["items[0=1", "a[b]c=1", "a=1&a[b]=2", "[x]=1", "a" + "[b]" * 40 + "=1"])
def test_forms_that_cannot_be_read_are_a_400(simulator: SimulatorProcess, body: str) -> None:
    status, answer, _ = call(simulator, "POST", "/v1/customers", body)

    assert status == 400
    assert answer["error"]["type"] == "invalid_request_error"


def test_metadata_is_merged_and_unset_key_by_key(shop: Shop) -> None:
    customer = shop.v1.customers.create({"metadata": {"a": "1", "b": "2", "0": "zero"}})

    shop.v1.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}})
    merged = shop.v1.customers.retrieve(customer.id).metadata
    emptied = shop.v1.customers.update(customer.id, {"metadata": ""}).metadata

    assert merged is not None
    assert merged.to_dict() == {"b": "2", "c": "3", "0": "zero"}
    assert emptied is not None
    assert emptied.to_dict() == {}


def test_a_deleted_customer_leaves_a_stub(shop: Shop) -> None:
    customer = shop.v1.customers.create({})

    deleted = shop.v1.customers.delete(customer.id)
    later = shop.v1.customers.retrieve(customer.id)

    assert deleted.deleted is True
    assert later.deleted is True
    assert shop.v1.customers.list().data == []


def test_deleting_a_customer_ends_its_subscriptions(shop: Shop) -> None:
    subscription = shop.subscription()

    shop.v1.customers.delete(str(subscription.customer))

    assert shop.simulator.objects("subscription")[0]["status"] == "canceled"
    assert "customer.deleted" in shop.event_types()
