"""Commands are run as a person runs them, through Flask's own command line."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from app.flows.parts import Parts
from tests.support.simulator import SimulatorProcess
from tests.support.world import World

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    def invoke(*words: str, **options: object) -> Result:
        return app.test_cli_runner().invoke(args=list(words), **options)

    return invoke


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)
