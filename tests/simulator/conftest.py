"""One local Stripe for the whole session, forgotten between tests."""

from collections.abc import Iterator

import pytest
import stripe

from tests.simulator.shop import Shop
from tests.support.simulator import SimulatorProcess


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorProcess]:
    """The running process."""
    with SimulatorProcess().start() as process:
        yield process


@pytest.fixture
def simulator(simulator_process: SimulatorProcess) -> SimulatorProcess:
    """The process, with nothing in it."""
    simulator_process.reset()
    return simulator_process


@pytest.fixture
def client(simulator: SimulatorProcess) -> stripe.StripeClient:
    """Stripe's own client, talking to it."""
    return simulator.client()


@pytest.fixture
def shop(simulator: SimulatorProcess) -> Shop:
    """Short ways to the objects most tests begin with."""
    return Shop(simulator)
