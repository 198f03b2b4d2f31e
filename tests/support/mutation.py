"""A pytest plugin for mutation runs alone: makes each of thousands of short runs begin at once.

mutmut forks a process for each mutant out of one that has imported everything. There a local Stripe is
forked too, not started anew, the migrated database is copied from one made once, and what the local
Stripe says is not held to the contract again: no mutant can change it. Which tests run, and what they
see, stays as it is; generated examples are the same for each, and are not made smaller.
"""

import ctypes
import functools
import gc
import itertools
import json
import os
import shutil
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings

from app.simulator import __main__ as local_stripe
from tests.support import recorded
from tests.support.databases import Databases
from tests.support.simulator import ADDRESS_MARK, SimulatorProcess

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG: a worker that runs out of time leaves no local Stripe behind
STATS = Path("mutmut-stats.json")
TEMPLATE = Path("template.db")
"""Both lie in the folder of the mutants, where the tests are run."""
MUTANT = "__mutmut_"
FLOWS = "tests/flows/"
MOST_FLOWS = 24
WARMING = "tests/flows/test_sync.py::test_each_event_alone_brings_in_all_that_it_can[sqlite]"
_made_templates: dict[str, str] = {}
_template = Databases.template


class ForkedProcess:
    """As much of `subprocess.Popen` as the local Stripe's keeper needs, for a forked child."""

    stdout = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def send_signal(self, _number: int) -> None:
        """Kill it: nothing it kept in memory is wanted any more."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float) -> int:  # noqa: ARG002 (Popen's signature)
        """Wait for its end; a killed process needs no `timeout`."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._status


def fork_local_stripe(keeper: SimulatorProcess, *_state: object, **_options: object) -> SimulatorProcess:
    """Fork a local Stripe, which keeps all in memory, and wait for its address."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _serve(writing)
    os.close(writing)
    with os.fdopen(reading) as said:
        keeper.url = said.readline().split(ADDRESS_MARK)[1].split()[0]
    keeper._process = ForkedProcess(pid)  # type: ignore[assignment]
    return keeper


def _serve(writing: int) -> NoReturn:
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    os.environ.pop(recorded.VARIABLE, None)
    sys.argv = ["app.simulator", "--port", "0"]
    sys.stdout = os.fdopen(writing, "w")
    try:
        local_stripe.main()
    finally:
        os._exit(0)


def template_made_once(databases: Databases, kind: str) -> str:
    """Return the template of SQLite, which all runs of this process and its children share."""
    if kind == "sqlite" and kind not in _made_templates:
        made = _template(databases, kind).removeprefix("sqlite:///")
        _made_templates[kind] = f"sqlite:///{shutil.copy(made, TEMPLATE.absolute())}"
    return _made_templates.get(kind) or _template(databases, kind)


def pytest_configure() -> None:
    """Put the quick beginnings in place."""
    quick: dict[tuple[Any, str], Any] = {
        (SimulatorProcess, "start"): fork_local_stripe,
        (Databases, "template"): template_made_once,
        (recorded, "verdict_on"): lambda _folder: recorded.Verdict(),
    }
    for (owner, name), better in quick.items():
        setattr(owner, name, better)
    # The same examples for every mutant; and that one fails is enough to know.
    found = (Phase.explicit, Phase.generate)
    hypothesis_settings.register_profile("mutation", hypothesis_settings(), derandomize=True, phases=found)
    hypothesis_settings.load_profile("mutation")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the quickest tests first, as mutmut measured them; most mutants die in one of those.

    Of the tests of whole flows a mutant meets some alone: those that reach the fewest other functions.
    What would only have died in another counts as one that lived.
    """
    if not STATS.exists():
        return
    measured = _measured(STATS.stat().st_mtime_ns)
    items.sort(key=lambda item: measured.seconds.get(item.nodeid, 0))
    if MUTANT in os.environ.get("MUTANT_UNDER_TEST", ""):
        flows = [item for item in items if item.nodeid.startswith(FLOWS)]
        flows.sort(key=lambda item: measured.reach[item.nodeid])
        config.hook.pytest_deselected(items=flows[MOST_FLOWS:])
        left_out = {item.nodeid for item in flows[MOST_FLOWS:]}
        items[:] = [item for item in items if item.nodeid not in left_out]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What mutmut knows of each test: how long it takes, how many of the mutated functions it reaches."""

    seconds: dict[str, float]
    reach: Counter[str]


@functools.cache
def _measured(_changed_at: int) -> Measured:
    known = json.loads(STATS.read_text(encoding="utf-8"))
    tests = itertools.chain.from_iterable(known["tests_by_mangled_function_name"].values())
    return Measured(seconds=known["duration_by_test"], reach=Counter(tests))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Run one test in the process that all others are forked from, which then have loaded what it did.

    It is one that draws no receipt: see docs/adr/0010-no-drawing-before-forking.md.
    """
    if session.config.option.collectonly and len(session.items) > 1:
        pytest.main(["-q", "-p", "no:cacheprovider", "-p", __name__, WARMING])
        gc.collect()
        gc.freeze()  # pytest sweeps all memory at the end of each run, which took half of its time
