"""The whole product as it is deployed: gunicorn, a worker, a database, the local Stripe, a mail server."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from app.access import parts_of
from app.factory import create_app
from app.flows.parts import Parts
from config.settings import Settings
from tests.conftest import NEWSROOM, WEBHOOK_SECRET, make_settings
from tests.support.mail import MailCatcher
from tests.support.ports import free_port
from tests.support.simulator import SimulatorProcess

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
Check = Callable[[], Any]


class Stage:
    """Everything running on a database.

    Attributes: url: the product's address; stripe: the local Stripe, its webhooks sent to the product;
        mails: what the worker sent; app: the same product joined once more in this process, to look
        at rows and to make accounts.
    """

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._running = ExitStack()
        self.stripe = SimulatorProcess()
        self.mails = MailCatcher()
        self.url = ""

    def __enter__(self) -> "Stage":
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._running.close()

    def _start(self, running: ExitStack) -> None:
        self._logs = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="sf-stage-")))
        self.mails.start()
        running.callback(self.mails.stop)
        self.stripe.start()
        running.callback(self.stripe.stop)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        settings = self._settings(self.url, port, NEWSROOM)
        running.enter_context(self._process("worker", settings, "flask", "--app", "wsgi", "worker"))
        running.enter_context(self._web(settings))
        self.app = create_app(settings)
        running.callback(self.parts.sessions.kw["bind"].dispose)
        self.stripe.webhook_endpoint(f"{self.url}/webhooks/stripe", secret=WEBHOOK_SECRET)

    @property
    def parts(self) -> Parts:
        """The parts of the product in this process, on the same rows."""
        return parts_of(self.app)

    @contextmanager
    def another_newsroom(self, newsroom_file: Path) -> Iterator[str]:
        """Serve the same rows for a newsroom with another file; yields its address."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with self._web(self._settings(url, port, newsroom_file)):
            yield url

    def wait_until(self, check: Check, *, what: str) -> None:
        """Wait until `check()` is true. Raises: TimeoutError."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not check():
            if time.monotonic() > deadline:
                raise TimeoutError(f"it never came true: {what}\n{self._read_logs()}")
            time.sleep(0.05)

    def _settings(self, url: str, port: int, newsroom_file: Path) -> Settings:
        return make_settings(
            self._database_url,
            stripe_url=self.stripe.url,
            smtp_url=self.mails.url,
            public_base_url=url,
            newsroom_file=newsroom_file,
            port=port,
            web_concurrency=1,
        )

    @contextmanager
    def _web(self, settings: Settings) -> Iterator[None]:
        arguments = ("gunicorn", "-c", "config/gunicorn.conf.py", "wsgi:app")
        with self._process(f"web-{settings.port}", settings, *arguments):
            self.wait_until(lambda: _answers(settings.public_base_url), what="gunicorn answers")
            yield

    @contextmanager
    def _process(self, name: str, settings: Settings, *arguments: str) -> Iterator[None]:
        command = [sys.executable, "-m", *arguments]
        with (self._logs / f"{name}.log").open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=_environment(settings), stdout=log, stderr=log)
            try:
                yield
            finally:
                _end(process)

    def _read_logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-4000:]}" for path in self._logs.glob("*.log"))


def _environment(settings: Settings) -> dict[str, str]:
    """Return what a deployer would set for these settings, and nothing else of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONDONTWRITEBYTECODE": "1",
        "SECRET_KEY": settings.secret_key[0].get_secret_value(),
        "VAULT_KEY": settings.vault_key[0].get_secret_value(),
        "DATABASE_URL": settings.database_url,
        "STRIPE_SECRET_KEY": settings.stripe_secret_key.get_secret_value(),
        "STRIPE_WEBHOOK_SECRET": settings.stripe_webhook_secret[0].get_secret_value(),
        "STRIPE_API_BASE": str(settings.stripe_api_base),
        "PUBLIC_BASE_URL": settings.public_base_url,
        "SMTP_URL": settings.smtp_url.get_secret_value(),
        "MAIL_FROM": settings.mail_from,
        "NEWSROOM_FILE": str(settings.newsroom_file),
        "PORT": str(settings.port),
        "WEB_CONCURRENCY": str(settings.web_concurrency),
    }


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url + "/healthz", timeout=2).close()
    except (OSError, urllib.error.URLError):
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
