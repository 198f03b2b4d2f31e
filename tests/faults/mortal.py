"""A process whose flows die at any moment of the test's choice."""

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import count

from config.settings import Settings
from tests.faults.dying import DIED
from tests.support.processes import ROOT, environment_of

HOURS_LATER = 0.1
"""Leases of the dead have run out by then."""


class Mortal:
    """A process whose forks run a flow and die at its nth moment."""

    def __init__(self, settings: Settings) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.dying"],
            cwd=ROOT,
            env=environment_of(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def dies(self, flow: str, nth: int, *, edges: bool = False, **order: object) -> bool:
        """Run a flow up to its nth moment, or its nth edge; False where it ended before that."""
        assert self._process.stdin
        assert self._process.stdout
        said = json.dumps({"flow": flow, "nth": nth, "edges": edges, **order})
        self._process.stdin.write(said + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        assert code in (0, DIED)
        return code == DIED

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=30)


def until_it_lives(dies: Callable[[int], bool]) -> int:
    """Let it die at the first moment, at the second …; returns at how many it died."""
    deaths = next(nth for nth in count(1) if not dies(nth)) - 1
    assert deaths, "the flow was not watched"
    return deaths
