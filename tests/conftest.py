"""The cast and the stage: both databases, the local Stripe, a mail server, the joined product."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.access import parts_of
from app.db import Sessions
from app.factory import create_app
from app.flows.parts import Parts
from config.settings import Settings
from tests.support.databases import BOTH, Databases
from tests.support.mail import MailCatcher
from tests.support.recorded import pytest_configure, pytest_sessionfinish, pytest_terminal_summary
from tests.support.simulator import SimulatorProcess

__all__ = ["pytest_configure", "pytest_sessionfinish", "pytest_terminal_summary"]
METRICS_TOKEN = "test-metrics-token-0123456789abcdef"
WEBHOOK_SECRET = "whsec_test_0123456789abcdef"
NEWSROOM = Path(__file__).parent.parent / "config" / "newsroom.toml"

hypothesis_settings.register_profile(
    "default",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("default")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    made = Databases()
    yield made
    made.close()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A fresh migrated database; every test that asks for it runs on both kinds."""
    url = databases.create(request.param)
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[SimulatorProcess]:
    process = SimulatorProcess()
    process.start()
    yield process
    process.stop()


@pytest.fixture
def stripe(stripe_process: SimulatorProcess) -> SimulatorProcess:
    """The local Stripe, empty."""
    stripe_process.reset()
    return stripe_process


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailCatcher]:
    catcher = MailCatcher()
    catcher.start()
    yield catcher
    catcher.stop()


@pytest.fixture
def mails(mail_server: MailCatcher) -> MailCatcher:
    """The mail server, empty."""
    mail_server.clear()
    return mail_server


def make_settings(database_url: str, *, stripe_url: str, smtp_url: str, **changed: object) -> Settings:
    """Return settings that no environment and no .env file can change."""
    values: dict[str, object] = {
        "secret_key": "test-secret-key-0123456789abcdefghij",
        "vault_key": "test-vault-key-0123456789abcdefghijk",
        "database_url": database_url,
        "stripe_secret_key": "sk_test_small_favor",
        "stripe_webhook_secret": WEBHOOK_SECRET,
        "stripe_api_base": stripe_url,
        "public_base_url": "http://localhost",
        "smtp_url": smtp_url,
        "mail_from": "receipts@harbour-courier.example",
        "newsroom_file": NEWSROOM,
        "log_level": "INFO",
        "metrics_token": METRICS_TOKEN,
    }
    return Settings(_env_file=None, **{**values, **changed})  # type: ignore[arg-type]  # checked by pydantic


@pytest.fixture
def settings(database_url: str, stripe: SimulatorProcess, mails: MailCatcher) -> Settings:
    return make_settings(database_url, stripe_url=stripe.url, smtp_url=mails.url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    created = create_app(settings)
    created.testing = True
    yield created
    parts_of(created).sessions.kw["bind"].dispose()


@pytest.fixture
def parts(app: Flask) -> Parts:
    return parts_of(app)


@pytest.fixture
def sessions(parts: Parts) -> Sessions:
    return parts.sessions


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
