"""The product's own processes, as a deployer runs them: gunicorn, `flask worker`, and what they say."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from config.settings import Settings
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_SECONDS = 60
STOP_SECONDS = 40


class Process:
    """One process of the product in a group of its own, its standard error kept in a file."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = command
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the process, which leads its group."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, or start it again; what it says is added to its log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End the whole group with SIGKILL, as a power cut would."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=STOP_SECONDS)

    def stop(self) -> int:
        """End it with SIGTERM. Returns: its exit status."""
        assert self._process
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(timeout=STOP_SECONDS)
        finally:
            self.kill()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, by itself or otherwise."""
        assert self._process
        return self._process.poll() is not None

    def said(self) -> str:
        """Return all it has said so far."""
        return self._log.read_text(errors="replace")


class WebProcess(Process):
    """gunicorn with the product's own configuration."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [str(BIN / "gunicorn"), "-c", "config/gunicorn.conf.py", "wsgi:app"]
        super().__init__(command, {**environment, "PORT": str(self.port)}, log)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        super().start()
        wait_until(lambda: answers(f"{self.url}/healthz"), START_SECONDS)

    def kill_one_worker(self) -> None:
        """End one of gunicorn's own workers with SIGKILL; gunicorn starts another."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.pid)], capture_output=True, text=True, check=False, timeout=10
        ).stdout.split()
        if found:
            os.kill(int(found[0]), signal.SIGKILL)


class WorkerProcess(Process):
    """`flask worker`."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        super().__init__([str(BIN / "flask"), "--app", "wsgi", "worker"], environment, log)


def environment_of(settings: Settings, **changed: str) -> dict[str, str]:
    """Return the environment that gives a process these settings, and nothing else of ours."""
    wanted = {
        "SECRET_KEY": ",".join(key.get_secret_value() for key in settings.secret_key),
        "VAULT_KEY": ",".join(key.get_secret_value() for key in settings.vault_key),
        "DATABASE_URL": settings.database_url,
        "STRIPE_SECRET_KEY": settings.stripe_secret_key.get_secret_value(),
        "STRIPE_WEBHOOK_SECRET": ",".join(key.get_secret_value() for key in settings.stripe_webhook_secret),
        "STRIPE_API_BASE": settings.stripe_api_base or "",
        "PUBLIC_BASE_URL": settings.public_base_url,
        "SMTP_URL": settings.smtp_url.get_secret_value(),
        "MAIL_FROM": settings.mail_from,
        "NEWSROOM_FILE": str(settings.newsroom_file),
        "LOG_LEVEL": settings.log_level,
        "WEB_CONCURRENCY": "2",
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {**wanted, **changed}


def answers(url: str) -> bool:
    """Whether anything answers at an address."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_until(true: Callable[[], bool], timeout_seconds: float) -> None:
    """Wait until it comes true. Raises: TimeoutError."""
    deadline = time.monotonic() + timeout_seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("it never came true")
        time.sleep(0.05)
