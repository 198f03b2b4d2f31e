"""Runs `python -m app.demo` as a person does, and sees what processes it has."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from app.demo.ports import HOST, Ports
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C ends it."
PATIENCE_SECONDS = 240


def free_ports() -> Ports:
    """Return four ports in a row that nobody listens on."""
    while True:
        ports = Ports(free_port())
        if ports.product < 65_000 and all(map(_is_free, range(ports.product, ports.product + 4))):
            return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind((HOST, port))
        return True
    return False


def processes_in(folder: Path) -> list[psutil.Process]:
    """Return every process that works in a demo's folder: all that the demo starts do."""
    return [process for process in psutil.process_iter() if _works_in(process, folder)]


def _works_in(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error):
        return Path(process.cwd()).is_relative_to(folder.resolve()) and process.status() != "zombie"
    return False


class DemoProcess:
    """One demo, started in a process group of its own as a terminal starts it."""

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        *words: str,
        variables: Mapping[str, str] | None = None,
        started_in: Path = ROOT,
    ) -> None:
        self.folder = folder
        self.ports = ports
        self.output = ""
        self._read = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.demo", "--port", str(ports.product), "--state", str(folder), *words],
            cwd=started_in,
            env={**os.environ, **(variables or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> "DemoProcess":
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._process.poll() is None:
            self.end()

    def wait_for(self, words: str) -> None:
        """Wait until the demo has said something. Raises: TimeoutError: it did not, or it ended."""
        with self._read:
            heard = self._read.wait_for(
                lambda: words in self.output or self._process.poll() is not None, PATIENCE_SECONDS
            )
        if not heard or words not in self.output:
            raise TimeoutError(f"the demo did not say {words!r}:\n{self.output}")

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send a signal to the whole group, as a terminal does; returns the exit status."""
        os.killpg(self._process.pid, how)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        return self._process.wait(PATIENCE_SECONDS)

    def printed(self, name: str) -> str:
        """Return the word printed after a name, such as `password`."""
        found = re.search(rf"^ *{name} +(\S+)", self.output, re.MULTILINE)
        assert found, self.output
        return found[1]

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._read:
                self.output += line
                self._read.notify_all()
        self._process.wait()
        with self._read:
            self._read.notify_all()


def wait_until(true: Callable[[], bool], *, timeout_seconds: float = 60) -> None:
    """Wait for something to come true. Raises: TimeoutError."""
    deadline = time.monotonic() + timeout_seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("it never came true")
        time.sleep(0.05)
