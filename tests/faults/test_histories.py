"""Random histories end equal to the local Stripe's own state, however they are told."""

import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.factory import join_parts
from app.schema import metadata
from tests.conftest import make_settings
from tests.faults.history import History, Step, histories
from tests.support.compare import differences
from tests.support.databases import BOTH, Databases
from tests.support.simulator import SimulatorProcess
from tests.support.world import World

HISTORIES = int(os.environ.get("SF_HISTORIES", "500"))
BATCHES = 5
"""Small enough that two processes share them evenly."""
EXAMPLES = max(HISTORIES // (len(BOTH) * BATCHES), 1)


class Stage:
    """Fresh worlds, one after another: same local Stripe, an empty database each time."""

    def __init__(self, kind: str, databases: Databases, simulator: SimulatorProcess) -> None:
        self._kind = kind
        self._databases = databases
        self._simulator = simulator
        self._open()

    def _open(self) -> None:
        """Join the product to an empty database."""
        self._url = self._databases.create(self._kind)
        made_for = make_settings(self._url, stripe_url=self._simulator.url, smtp_url="smtp://127.0.0.1:9")
        self._parts = join_parts(made_for)
        self._engine: sa.Engine = self._parts.sessions.kw["bind"]
        sa.event.listen(self._engine, "connect", _no_waiting_for_the_disk)

    def fresh(self) -> World:
        """Return an empty world."""
        self._simulator.reset()
        if self._kind == "sqlite":
            self.close()
            self._open()
        else:
            self._empty()
        return World(self._parts, self._simulator)

    def _empty(self) -> None:
        """Delete every row, past the triggers that forbid it to everybody else."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in metadata.tables.values():
                connection.execute(sa.delete(table))

    def close(self) -> None:
        """Remove the database."""
        self._engine.dispose()
        self._databases.drop(self._url)


def _no_waiting_for_the_disk(connection: Any, _record: object) -> None:
    """Power cuts are no part of a history; a thousand waits for the disk would be most of its time."""
    sqlite = type(connection).__module__ == "sqlite3"
    connection.execute("PRAGMA synchronous=OFF" if sqlite else "SET synchronous_commit = off")
    connection.commit()


@pytest.fixture(params=BOTH)
def stage(
    request: pytest.FixtureRequest, databases: Databases, stripe_process: SimulatorProcess
) -> Iterator[Stage]:
    made = Stage(request.param, databases, stripe_process)
    yield made
    made.close()


@pytest.fixture(params=range(BATCHES))
def batch(request: pytest.FixtureRequest) -> int:
    """Only to run it several times, on as many processes as there are."""
    return int(request.param)


@pytest.mark.usefixtures("batch")
def test_any_history_ends_equal_to_stripes_own_state(stage: Stage) -> None:
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(steps=histories, seed=st.integers(0, 2**32 - 1))
    def ends_equal(steps: list[Step], seed: int) -> None:
        history = History(stage.fresh(), random.Random(seed))

        history.run(steps)

        assert differences(history.world.parts.sessions, history.world.stripe) == []

    run: Callable[[], None] = ends_equal
    run()
