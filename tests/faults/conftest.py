"""One world for each test of a fault, where it needs no process of its own."""

import pytest

from app.flows.parts import Parts
from tests.support.simulator import SimulatorProcess
from tests.support.world import World


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)
