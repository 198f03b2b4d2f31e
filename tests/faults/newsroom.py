"""A whole newsroom of real processes: gunicorn, a worker and the local Stripe, any of which may be killed."""

import threading
from dataclasses import dataclass
from pathlib import Path

from app.kernel.ids import new_nonce
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from app.vault.vault import PersonInClear
from config.settings import Settings
from tests.conftest import WEBHOOK_SECRET
from tests.support.processes import WebProcess, WorkerProcess, environment_of
from tests.support.simulator import DoorRefused, SimulatorProcess
from tests.support.visitor import Answer, Visitor

PAUSE_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 120


class Newsroom:
    """Starts, kills and starts again; the local Stripe keeps its state in a file and its port."""

    def __init__(self, settings: Settings, simulator: SimulatorProcess, folder: Path) -> None:
        self.stripe = simulator
        self._state = folder / "stripe.db"
        self._port = simulator.port
        self.web = WebProcess(environment_of(settings), folder / "web.log")
        self.worker = WorkerProcess(environment_of(settings), folder / "worker.log")

    def open(self) -> None:
        """Start web and worker, and tell Stripe where to send its events."""
        self.web.start()
        self.worker.start()
        self.stripe.webhook_endpoint(
            f"{self.web.url}/webhooks/stripe", secret=WEBHOOK_SECRET, events=FOLLOWED_EVENTS
        )

    def close(self) -> None:
        """End web and worker."""
        self.web.kill()
        self.worker.kill()

    def kill_web(self) -> None:
        """End gunicorn and all its workers at once, and start it again."""
        self.web.kill()
        self.web.start()

    def kill_one_of_web(self) -> None:
        """End one of gunicorn's workers."""
        self.web.kill_one_worker()

    def kill_worker(self) -> None:
        """End the worker, and start it again."""
        self.worker.kill()
        self.worker.start()

    def kill_stripe(self) -> None:
        """End the local Stripe, and start it again with what it had written."""
        self.stripe.kill()
        self.stripe.start(state=self._state, port=self._port)


@dataclass
class Reader:
    """Sends the form and pays, again and again until it is done, whatever dies meanwhile."""

    person: PersonInClear
    newsroom: Newsroom
    stop: threading.Event
    interval: str = "month"

    def __post_init__(self) -> None:
        self.nonce = new_nonce()
        self.visitor = Visitor(self.newsroom.web.url)

    def give(self) -> None:
        """Go on until Stripe says the session is paid."""
        while not self.stop.is_set():
            address = self._address_of_page()
            if address and self._pay(address.rpartition("/")[2]):
                return
            self.stop.wait(PAUSE_SECONDS)

    def _address_of_page(self) -> str:
        """Send the form, follow the waiting page, and return where the page at Stripe is."""
        try:
            answer = self.visitor.send_form(
                self.person, nonce=self.nonce, interval=self.interval, amount="25"
            )
            return self._follow(answer)
        except OSError:
            return ""

    def _follow(self, answer: Answer) -> str:
        while answer.is_waiting or answer.next_look:
            if self.stop.wait(PAUSE_SECONDS):
                return ""
            answer = self.visitor.get(answer.location or answer.next_look)
        return answer.location if answer.location.startswith(self.newsroom.stripe.url) else ""

    def _pay(self, session_id: str) -> bool:
        try:
            paid = self.newsroom.stripe.pay(session_id, email=self.person.address, name=self.person.name)
        except DoorRefused as refused:
            return refused.error.get("code") == "checkout_session_not_open"
        except OSError:
            return False
        return bool(paid["status"] == "complete")
