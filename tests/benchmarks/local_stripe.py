"""Requests a second of the local Stripe beside a bare Flask route that answers JSON of the same size."""

import tempfile
from pathlib import Path

from tests.benchmarks.load import Request, requests_a_second
from tests.benchmarks.rounds import describe, paired
from tests.benchmarks.servers import environment, serving
from tests.simulator.shop import Shop
from tests.simulator.test_protocol import KEY, call
from tests.support.ports import free_port
from tests.support.simulator import SimulatorProcess

A_ROUND = 500
FORM = {**KEY, "Content-Type": "application/x-www-form-urlencoded"}
BODY = "name=Ada&email=ada@example.org&metadata[pledge]=p1"


def run(stripe: SimulatorProcess) -> None:
    """Measure retrieving and creating one customer, and listing ten."""
    stripe.reset()
    customers = [Shop(stripe).v1.customers.create({"name": "Ada"}).id for _ in range(20)]
    calls = {
        "retrieve": Request("GET", f"/v1/customers/{customers[0]}", KEY),
        "create": Request("POST", "/v1/customers", FORM, BODY.encode()),
        "list": Request("GET", "/v1/customers?limit=10", KEY),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, request in calls.items():
            _keep_answer(stripe, request, Path(folder) / f"{name}.json")
        variables = environment("sqlite://", stripe.url, free_port())
        with serving("tests.benchmarks.bare_json:app", variables, BARE_ANSWERS=folder) as bare:
            for name, request in calls.items():
                _measure(name, request, stripe.url, bare)


def _keep_answer(stripe: SimulatorProcess, request: Request, path: Path) -> None:
    body = request.body.decode() if request.body else None
    status, _, _ = call(stripe, request.method, request.path, body, request.headers)
    assert status == 200
    path.write_text(stripe.requests()[-1]["response"], encoding="utf-8")


def _measure(name: str, request: Request, ours: str, bare: str) -> None:
    plain = Request(request.method, f"/{name}", request.headers, request.body)
    measured = paired(
        lambda number: requests_a_second(ours, Repeated(request), round_number=number),
        lambda number: requests_a_second(bare, Repeated(plain), round_number=number),
    )
    print(describe(f"local Stripe: {name}", *measured))


class Repeated:
    """Makes a round of one request; a class, so that the sending process can be handed it."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def __call__(self, _round_number: int) -> list[Request]:
        return [self.request] * A_ROUND
