"""All that any local Stripe of a test run ever said is held to the contract when the run ends."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.simulator.contract import check_response

VARIABLE = "LOCAL_STRIPE_RECORD"
SHOWN = 40


@dataclass
class Verdict:
    """What a run said.

    Attributes: exchanges: all answers and deliveries; kinds: those that were not alike;
    violations: one sentence each; events: every type that was delivered or answered.
    """

    exchanges: int = 0
    kinds: int = 0
    violations: list[str] = field(default_factory=list)


def verdict_on(folder: Path) -> Verdict:
    """Check every recorded kind of answer and delivery."""
    verdict, seen = Verdict(), set[str]()
    verdict.exchanges = sum(int(one.read_text() or 0) for one in folder.glob("*.count"))
    for line in _lines(folder):
        if line not in seen:
            seen.add(line)
            verdict.violations += _violations(line)
    verdict.kinds = len(seen)
    return verdict


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from lines


def _violations(line: str) -> list[str]:
    said = json.loads(line)
    where = f"{said['method']} {said['route'] or ''} {said['status'] or ''}".strip()
    return [f"{where}: {found}" for found in check_response(json.loads(said["text"]))]


def pytest_configure(config: pytest.Config) -> None:
    """Have every local Stripe that is started from here record; workers inherit the folder."""
    if not hasattr(config, "workerinput") and VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="local-stripe-record-")
        config.add_cleanup(_forget)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hold everything to the contract; a violation fails the run."""
    if hasattr(session.config, "workerinput"):
        return
    verdict = verdict_on(Path(os.environ[VARIABLE]))
    session.config.stash[VERDICT] = verdict
    if verdict.violations:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was checked, and what was wrong."""
    verdict = config.stash.get(VERDICT, Verdict())
    if not verdict.exchanges:
        return
    terminalreporter.section("the local Stripe held to the contract")
    terminalreporter.line(
        f"{verdict.exchanges} answers and deliveries of {verdict.kinds} kinds, "
        f"{len(verdict.violations)} violations"
    )
    for line in sorted(set(verdict.violations))[:SHOWN]:
        terminalreporter.line(f"VIOLATION {line}")


VERDICT = pytest.StashKey[Verdict]()


def _forget() -> None:
    shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)
