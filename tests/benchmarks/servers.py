"""gunicorn as in production, for the product and for the bare app beside it."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_bench_0123456789abcdef"


def environment(database_url: str, stripe_url: str, port: int) -> dict[str, str]:
    """Return what a deployer would set, and nothing of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "SECRET_KEY": "bench-secret-key-0123456789abcdefghij",
        "VAULT_KEY": "bench-vault-key-0123456789abcdefghijk",
        "DATABASE_URL": database_url,
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": stripe_url,
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": "bench@harbour-courier.example",
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
    }


@contextmanager
def serving(target: str, variables: dict[str, str], **extra: str) -> Iterator[str]:
    """Serve `module:app` by our gunicorn configuration; yields its address."""
    url = f"http://127.0.0.1:{variables['PORT']}"
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.conf.py", target]
    process = subprocess.Popen(command, cwd=ROOT, env={**variables, **extra}, stderr=subprocess.DEVNULL)
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=40)


@contextmanager
def both(database_url: str, stripe_url: str, **extra: str) -> Iterator[tuple[str, str]]:
    """Serve the product and the bare app on one database; yields their addresses."""
    ours = environment(database_url, stripe_url, free_port())
    bare = environment(database_url, stripe_url, free_port())
    with (
        serving("wsgi:app", ours) as our_url,
        serving("tests.benchmarks.bare:app", bare, **extra) as bare_url,
    ):
        yield our_url, bare_url


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url + "/healthz", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise RuntimeError(f"nothing answers at {url}")
