"""What a key may do, and how often it may ask."""

from typing import Any

import pytest
import stripe

from app.simulator.contract import check_response
from tests.simulator.shop import Shop
from tests.simulator.test_protocol import call
from tests.support.simulator import DoorRefused, SimulatorProcess

Json = dict[str, Any]
RESTRICTED = "rk_test_newsroom"


def ask(simulator: SimulatorProcess, method: str, path: str, key: str) -> tuple[int, Json]:
    body = "" if method == "POST" else None
    status, answer, _ = call(simulator, method, path, body, {"Authorization": f"Bearer {key}"})
    assert check_response(answer) == []
    return status, answer


@pytest.mark.parametrize(
    ("permissions", "method", "path", "missing"),
    [
        (["customer_read"], "GET", "/v1/customers", None),
        (["customer_write"], "GET", "/v1/customers", None),
        (["customer_write"], "POST", "/v1/customers", None),
        (["rak_customer_write"], "POST", "/v1/customers", None),
        (["customer_read"], "POST", "/v1/customers", "rak_customer_write"),
        ([], "GET", "/v1/customers", "rak_customer_read"),
        (["customer_write"], "GET", "/v1/charges", "rak_charge_read"),
        (["checkout_session_read"], "GET", "/v1/checkout/sessions", None),
        (["customer_write"], "GET", "/v1/checkout/sessions", "rak_checkout_session_read"),
        (["customer_write"], "GET", "/v1/prices", "rak_plan_read"),
        (["customer_write"], "POST", "/v1/webhook_endpoints", "rak_webhook_write"),
    ],
)
def test_a_restricted_key_does_what_it_is_permitted(
    simulator: SimulatorProcess, permissions: list[str], method: str, path: str, missing: str | None
) -> None:
    simulator.settings(api_keys={RESTRICTED: permissions})

    status, answer = ask(simulator, method, path, RESTRICTED)

    assert status == (403 if missing else 200)
    if missing:
        assert answer["error"]["type"] == "invalid_request_error"
        assert answer["error"]["message"] == (
            "The provided key 'rk_test_****room' does not have the required permissions for this endpoint on "
            f"account 'acct_1LocalStripe'. Having the '{missing}' permission would allow this request to "
            "continue."
        )


def test_stripes_client_raises_a_permission_error(simulator: SimulatorProcess) -> None:
    simulator.settings(api_keys={RESTRICTED: ["customer_read"]})
    client = simulator.client(RESTRICTED)

    with pytest.raises(stripe.PermissionError):
        client.v1.customers.create({})

    assert client.v1.customers.list().data == []
    assert simulator.objects("customer") == []


def test_an_expired_key_and_one_that_is_none_are_a_401(simulator: SimulatorProcess) -> None:
    simulator.settings(api_keys={"sk_test_old": "expired", "sk_test_ours": "full", "*": "invalid"})

    expired = ask(simulator, "GET", "/v1/customers", "sk_test_old")
    unknown = ask(simulator, "GET", "/v1/customers", "sk_test_theirs")

    assert (expired[0], expired[1]["error"]["code"]) == (401, "api_key_expired")
    assert "Expired API Key provided: sk_test_" in expired[1]["error"]["message"]
    assert unknown[0] == 401
    assert "Invalid API Key provided" in unknown[1]["error"]["message"]
    assert ask(simulator, "GET", "/v1/customers", "sk_test_ours")[0] == 200


@pytest.mark.parametrize("keys", [["sk_test_a"], {"sk_test_a": "perhaps"}, {"rk_test_a": ["customers"]}])
def test_a_setting_of_keys_that_makes_no_sense_is_refused(simulator: SimulatorProcess, keys: Any) -> None:
    with pytest.raises(DoorRefused):
        simulator.settings(api_keys=keys)


def test_requests_beyond_the_budget_of_a_second_are_a_429(shop: Shop) -> None:
    shop.simulator.settings(rate_limit_per_second=5)
    header = {"Authorization": "Bearer sk_test_local"}

    answers = [call(shop.simulator, "GET", "/v1/customers", None, header) for _ in range(60)]

    refused = [one for one in answers if one[0] == 429]
    assert {one[0] for one in answers} == {200, 429}
    assert refused[0][2]["Stripe-Rate-Limited-Reason"] == "global-rate"
    assert (refused[0][1]["error"]["type"], refused[0][1]["error"]["code"]) == (
        "invalid_request_error",
        "rate_limit",
    )
    assert check_response(refused[0][1]) == []


def test_there_is_no_limit_until_one_is_set(shop: Shop) -> None:
    for _ in range(60):
        shop.v1.customers.list({"limit": 1})


def test_stripes_client_raises_a_rate_limit_error(shop: Shop) -> None:
    shop.simulator.settings(rate_limit_per_second=0)

    with pytest.raises(stripe.RateLimitError):
        shop.v1.customers.list()


def test_keys_and_limits_are_forgotten_with_everything_else(simulator: SimulatorProcess) -> None:
    simulator.settings(api_keys={"*": "invalid"}, rate_limit_per_second=0)

    simulator.reset()

    assert simulator.client().v1.customers.list().data == []
