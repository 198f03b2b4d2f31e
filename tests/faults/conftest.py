"""One world for each test of a fault, where it needs no process of its own."""

from collections.abc import Iterator

import pytest

from app.flows.parts import Parts
from config.settings import Settings
from tests.faults.mortal import Mortal
from tests.support.simulator import SimulatorProcess
from tests.support.world import World


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


@pytest.fixture
def mortal(settings: Settings) -> Iterator[Mortal]:
    made = Mortal(settings)
    yield made
    made.close()
