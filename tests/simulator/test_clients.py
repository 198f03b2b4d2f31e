"""Clients that are not Python: stripe-node, plain curl, and Stripe's own command line tool."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.simulator.contract import check_response
from app.simulator.contract.triggers import COVERED, LATER, TELLS, out_of_scope
from tests.simulator.shop import DAY, Shop
from tests.simulator.test_protocol import KEY, call
from tests.support.simulator import ROOT, SimulatorProcess

Json = dict[str, Any]
CLIENTS = Path(__file__).parent / "clients"
CLI = CLIENTS / "node_modules" / "@stripe" / "cli" / "bin" / "shim.js"


def run(command: list[str], **environment: str) -> str:
    """What a command prints. Fails the test with all it said when its status is not 0."""
    known = {"PATH": os.environ["PATH"], **environment}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=known, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def installed() -> None:
    """Stripe's clients, put in place where they are not yet."""
    run([str(ROOT / "tools" / "install-clients")], HOME=os.environ.get("HOME", "/root"))


def test_the_clients_are_pinned_by_hash_and_without_an_address() -> None:
    lock = (CLIENTS / "package-lock.json").read_text(encoding="utf-8")

    packages = json.loads(lock)["packages"]
    # The tool's programs for other machines are left out where these are installed, and so unhashed.
    unhashed = {name for name, one in packages.items() if not one.get("optional")} - {
        name for name, one in packages.items() if one.get("integrity", "").startswith("sha512-")
    }

    assert unhashed == {""}
    assert "://" not in lock


@pytest.mark.usefixtures("installed")
class TestStripeNode:
    """stripe-node, of the same API version."""

    @pytest.fixture
    def node(self, simulator: SimulatorProcess) -> Any:
        def do(part: str) -> Json:
            result: Json = json.loads(run(["node", str(CLIENTS / "shop.mjs"), simulator.url, part]))
            return result

        return do

    def test_a_reader_subscribes_pays_leaves_and_is_refunded(self, node: Any) -> None:
        life = node("life")

        assert life["apiVersion"] == "2026-10-28.endive"
        assert life["requestId"].startswith("req_")
        assert life["status"] == ["open", "complete", "paid"]
        assert life["invoice"] == ["paid", 500]
        assert (life["payments"], life["ending"], life["ended"]) == (1, True, "canceled")
        assert life["refund"] == ["succeeded", 200]
        assert life["metadata"] == {"pledge": "p1"}

    def test_lists_are_walked_forward_and_back(self, node: Any) -> None:
        pages = node("pages")

        assert pages["seen"] == pages["made"][::-1]
        assert pages["back"] == pages["made"][3:0:-1]
        assert pages["more"] is True

    def test_each_refusal_is_raised_as_its_own_class(self, node: Any) -> None:
        errors = node("errors")

        assert errors["unknown"] == {
            "class": "StripeInvalidRequestError",
            "status": 400,
            "code": "parameter_unknown",
            "param": "nam",
        }
        assert (errors["missing"]["status"], errors["missing"]["code"]) == (404, "resource_missing")
        assert errors["declined"]["class"] == "StripeCardError"
        assert (errors["key"]["class"], errors["key"]["status"]) == ("StripeAuthenticationError", 401)
        assert errors["reused"]["class"] == "StripeIdempotencyError"

    def test_a_key_replays_its_answer(self, node: Any) -> None:
        replay = node("idempotency")

        assert replay["first"] == replay["second"]
        assert replay["count"] == 1

    def test_it_verifies_the_signature_of_a_webhook_and_refuses_a_forged_one(self, node: Any) -> None:
        hook = node("webhooks")

        assert (hook["type"], hook["name"]) == ("customer.created", "Ада 🌱")
        assert hook["forged"]["class"] == "StripeSignatureVerificationError"


class TestCurl:
    """curl, as Stripe's reference shows it."""

    def curl(self, simulator: SimulatorProcess, path: str, *words: str) -> tuple[int, Json]:
        out = run(["curl", "-sS", "-w", "\n%{http_code}", f"{simulator.url}{path}", *words])
        body, _, status = out.rpartition("\n")
        answer: Json = json.loads(body)
        assert check_response(answer) == []
        return int(status), answer

    def test_a_form_with_basic_auth_makes_an_object(self, simulator: SimulatorProcess) -> None:
        data = ["-d", "name=Ada", "-d", "metadata[pledge]=p 1", "--data-urlencode", "email=ada+1@example.org"]

        status, customer = self.curl(simulator, "/v1/customers", "-u", "sk_test_curl:", *data)

        assert status == 200
        assert (customer["name"], customer["email"]) == ("Ada", "ada+1@example.org")
        assert customer["metadata"] == {"pledge": "p 1"}

    def test_get_with_parameters_expands(self, shop: Shop) -> None:
        shop.subscription()
        words = ["-G", "-u", "sk_test_curl:", "-d", "limit=1", "-d", "expand[]=data.latest_invoice"]

        status, page = self.curl(shop.simulator, "/v1/subscriptions", *words)

        assert status == 200
        assert page["data"][0]["latest_invoice"]["object"] == "invoice"

    def test_a_refusal_is_json_too(self, simulator: SimulatorProcess) -> None:
        status, answer = self.curl(simulator, "/v1/products", "-u", "sk_test_curl:", "-d", "active=true")

        assert status == 400
        assert answer["error"]["param"] == "name"

    def test_no_key_is_a_401(self, simulator: SimulatorProcess) -> None:
        status, answer = self.curl(simulator, "/v1/customers")

        assert status == 401
        assert "did not provide an API key" in answer["error"]["message"]

    def test_an_object_is_deleted(self, shop: Shop) -> None:
        customer = shop.v1.customers.create({}).id
        words = ["-X", "DELETE", "-H", "Authorization: Bearer sk_test_curl"]

        status, gone = self.curl(shop.simulator, f"/v1/customers/{customer}", *words)

        assert (status, gone["deleted"]) == (200, True)


@pytest.mark.usefixtures("installed")
class TestStripesTool:
    """`stripe trigger`, which makes what an event needs and so brings the event about."""

    def trigger(self, simulator: SimulatorProcess, event: str, home: Path) -> str:
        words = [event, "--api-base", simulator.url, "--api-key", "sk_test_0123456789abcdef"]
        return run(["node", str(CLI), "trigger", *words], HOME=str(home), STRIPE_CLI_TELEMETRY_OPTOUT="1")

    @pytest.mark.parametrize("event", COVERED)
    def test_a_trigger_brings_about_its_event(
        self, simulator: SimulatorProcess, event: str, tmp_path: Path
    ) -> None:
        simulator.door("portal", {})
        said = self.trigger(simulator, event, tmp_path)
        if event in LATER:
            simulator.advance(seconds=30 * DAY)

        assert "Trigger succeeded" in said
        assert TELLS.get(event, event) in {one["type"] for one in simulator.objects("event")}
        assert all(exchange["status"] < 500 for exchange in simulator.requests())

    def test_every_trigger_of_the_tool_is_covered_or_has_its_reason(self, tmp_path: Path) -> None:
        printed = run(["node", str(CLI), "trigger", "--help"], HOME=str(tmp_path))
        known = [*COVERED, *dict(out_of_scope())]

        assert sorted(known) == sorted(re.findall(r"^  ([a-z0-9_.]+)$", printed, re.MULTILINE))


def test_the_old_word_for_payment_methods_is_taken_only_where_no_version_is_named(
    simulator: SimulatorProcess,
) -> None:
    body = "amount=500&currency=usd&payment_method_types[]=card"
    versioned = {**KEY, "Stripe-Version": "2026-10-28.endive"}

    taken, intent, _ = call(simulator, "POST", "/v1/payment_intents", body)
    refused, answer, _ = call(simulator, "POST", "/v1/payment_intents", body, versioned)

    assert (taken, intent["payment_method_types"]) == (200, ["card"])
    assert refused == 400
    assert answer["error"]["code"] == "payment_method_types_no_longer_supported"
