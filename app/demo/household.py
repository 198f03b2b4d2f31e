"""The demo's processes: started apart from the terminal, watched, and ended together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.demo.folder import ROOT
from app.demo.guard import send

GRACE_SECONDS = 10.0
GLANCE_SECONDS = 0.02
LAST_LINES = 12
KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR")
"""All that a process of the demo sees of the user's environment."""


class Stopped(Exception):
    """Somebody asked the demo to end."""


class ChildEnded(Exception):
    """A process ended that should not have; the text says which, how, and its last words."""


@dataclass(frozen=True)
class Child:
    """One process, and where its words go."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


class Household:
    """Every process of the demo. Each leads a session of its own, so a Ctrl-C reaches only us."""

    def __init__(self, logs: Path, variables: Mapping[str, str]) -> None:
        self._logs = logs
        self._variables = dict(variables)
        self._children: list[Child] = []
        self._asked_to_stop = False
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "app.demo.guard"],
            stdin=subprocess.PIPE,
            env=_environment({}),
            cwd=logs,
            start_new_session=True,
        )

    def listen_to_signals(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as a wish to end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self, name: str, *words: str) -> Child:
        """Start `python -m …` in the background."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 (commands of our own)
                [sys.executable, "-m", *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=_environment(self._variables),
                cwd=self._logs.parent,
                start_new_session=True,
            )
        self._tell_guard(f"+{process.pid}")
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def run(self, name: str, *words: str, typed: str = "") -> None:
        """Run `python -m …` to its end. Raises: ChildEnded: it failed."""
        done = subprocess.run(  # noqa: S603 (commands of our own)
            [sys.executable, "-m", *words],
            input=typed.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(self._variables),
            cwd=self._logs.parent,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            raise ChildEnded(f"{name} failed:\n{done.stdout.decode(errors='replace')}")

    def check(self) -> None:
        """Look after everybody. Raises: Stopped; ChildEnded."""
        if self._asked_to_stop:
            raise Stopped
        for child in self._children:
            status = child.process.poll()
            if status is not None:
                raise ChildEnded(_last_words(child, status))

    def wait_until(self, true: Callable[[], bool], *, what: str, timeout_seconds: float = 120) -> None:
        """Wait for something to come true. Raises: Stopped; ChildEnded: also when it never does."""
        deadline = time.monotonic() + timeout_seconds
        while not true():
            self.check()
            if time.monotonic() > deadline:
                raise ChildEnded(f"{what} took longer than {timeout_seconds:.0f} seconds. See {self._logs}.")
            time.sleep(GLANCE_SECONDS)
        self.check()

    def keep(self) -> None:
        """Watch until the end. Raises: Stopped; ChildEnded."""
        while True:
            self.check()
            time.sleep(0.2)

    def end(self, child: Child) -> None:
        """End one process."""
        self._end([child])

    def end_all(self) -> None:
        """End everybody, the last started first, and the guard."""
        self._end(list(reversed(self._children)))
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in children:
            try:
                child.process.wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                send(child.process.pid, signal.SIGKILL)
                child.process.wait()
            # A leader killed from outside may have left workers behind.
            send(child.process.pid, signal.SIGKILL)
            self._children.remove(child)
            self._tell_guard(f"-{child.process.pid}")

    def _tell_guard(self, line: str) -> None:
        if self._guard.stdin:
            self._guard.stdin.write(f"{line}\n".encode())
            self._guard.stdin.flush()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._asked_to_stop = True


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a clean environment: no key, proxy or option of the user's shell gets through."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    ours = {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "FLASK_SKIP_DOTENV": "1",
    }
    return {**kept, **ours, **variables}


def _last_words(child: Child, status: int) -> str:
    how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    lines = child.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    said = "\n".join(f"  {line}" for line in lines)
    return f"The {child.name} {how}. Its last words, from {child.log}:\n{said}"
