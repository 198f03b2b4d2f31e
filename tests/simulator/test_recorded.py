"""Whatever a local Stripe of a run says is kept and held to the contract; what is wrong fails the run."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.simulator.application import Simulator
from app.simulator.http.messages import Request
from tests.simulator.receiver import Receiver
from tests.simulator.shop import Shop
from tests.support.recorded import VARIABLE, verdict_on
from tests.support.simulator import ROOT, SimulatorProcess

Json = dict[str, Any]
KEY = {"authorization": "Bearer sk_test_local"}
PLANTED = """
import os
from app.simulator.application import Simulator
from app.simulator.http.messages import Request

def test_a_wrong_field_is_answered():
    simulator = Simulator(state=None, base_url="", record=os.environ["LOCAL_STRIPE_RECORD"])
    simulator.world.presenters["customer"] = lambda world, one: {**one, "balance": WRONG}
    answer = simulator(
        Request("POST", "/v1/customers", "", {"authorization": "Bearer sk_test_local"}, b"name=Ada")
    )
    assert answer.status == 200
"""


def planted(record: Path, **wrong: object) -> Simulator:
    """A local Stripe whose customers have a wrong field."""
    simulator = Simulator(state=None, base_url="http://x", record=str(record))
    simulator.world.presenters["customer"] = lambda _world, one: {**one, **wrong}
    return simulator


def make_customer(simulator: Simulator) -> None:
    assert simulator(Request("POST", "/v1/customers", "", KEY, b"name=Ada")).status == 200


def test_a_planted_wrong_field_is_caught(tmp_path: Path) -> None:
    make_customer(planted(tmp_path, balance="0", shoe_size=42))

    verdict = verdict_on(tmp_path)

    assert verdict.exchanges == 1
    assert verdict.violations == [
        "POST /v1/customers 200: customer.shoe_size: no such field",
        "POST /v1/customers 200: customer.balance: '0' is not int",
    ]


def test_a_right_life_breaks_nothing(tmp_path: Path) -> None:
    make_customer(planted(tmp_path))

    assert verdict_on(tmp_path).violations == []


def test_what_differs_only_in_ids_numbers_and_capitals_is_kept_once(tmp_path: Path) -> None:
    simulator = planted(tmp_path)

    for _ in range(20):
        make_customer(simulator)

    verdict = verdict_on(tmp_path)
    assert (verdict.exchanges, verdict.kinds) == (20, 1)


@pytest.mark.parametrize("wrong", [{"created": None}, {"tax_exempt": "perhaps"}, {"livemode": 0}])
def test_one_wrong_answer_among_many_alike_is_kept(tmp_path: Path, wrong: Json) -> None:
    simulator = planted(tmp_path)
    for _ in range(5):
        make_customer(simulator)

    simulator.world.presenters["customer"] = lambda _world, one: {**one, **wrong}
    make_customer(simulator)

    assert len(verdict_on(tmp_path).violations) == 1


def test_lists_refusals_and_deliveries_are_kept_too(tmp_path: Path) -> None:
    receiver = Receiver()
    simulator = SimulatorProcess().start(options=["--record", str(tmp_path)])
    simulator.webhook_endpoint(receiver.url)
    Shop(simulator).paid_charge()
    simulator.deliver_now()
    simulator.client().v1.charges.list()

    simulator.kill()
    receiver.close()

    kept = "".join(one.read_text() for one in tmp_path.glob("*.jsonl"))
    assert kept.count('"DELIVERY"') == len(set(receiver.types()))
    assert '"route": "/v1/charges", "status": 200' in kept
    assert verdict_on(tmp_path).violations == []


@pytest.mark.parametrize(("wrong", "status"), [("'none'", 1), ("0", 0)])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_violation_fails_the_whole_run(tmp_path: Path, wrong: str, status: int, workers: str) -> None:
    hooks = "pytest_configure, pytest_sessionfinish, pytest_terminal_summary"
    (tmp_path / "conftest.py").write_text(f"from tests.support.recorded import {hooks}\n")
    (tmp_path / "test_planted.py").write_text(PLANTED.replace("WRONG", wrong))
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, str(tmp_path), "--rootdir", str(tmp_path)]

    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == status, done.stdout
    assert ("VIOLATION POST /v1/customers 200" in done.stdout) == bool(status)
