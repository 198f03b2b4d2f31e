"""A whole newsroom of real processes: gunicorn, workers and the local Stripe, any of which may be killed."""

import threading
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from app.kernel.ids import new_nonce
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from app.vault.vault import PersonInClear
from config.settings import Settings
from tests.conftest import WEBHOOK_SECRET
from tests.support.cast import PAID
from tests.support.processes import WebProcess, WorkerProcess, environment_of
from tests.support.simulator import DoorRefused, SimulatorProcess
from tests.support.visitor import Answer, Visitor

PAUSE_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 120


class Newsroom:
    """Starts, kills and starts again; the local Stripe keeps its state in a file and its port."""

    def __init__(
        self, settings: Settings, simulator: SimulatorProcess, folder: Path, *, workers: int = 1
    ) -> None:
        self.stripe = simulator
        self._state = folder / "stripe.db"
        self._port = simulator.port
        self.web = WebProcess(environment_of(settings), folder / "web.log")
        self.workers = [
            WorkerProcess(environment_of(settings), folder / f"worker-{number}.log")
            for number in range(workers)
        ]

    def open(self) -> None:
        """Start web and workers, and tell Stripe where to send its events."""
        self.web.start()
        for worker in self.workers:
            worker.start()
        self.stripe.webhook_endpoint(
            f"{self.web.url}/webhooks/stripe", secret=WEBHOOK_SECRET, events=FOLLOWED_EVENTS
        )

    def close(self) -> None:
        """End web and workers."""
        self.web.kill()
        for worker in self.workers:
            worker.kill()

    def kill_web(self) -> None:
        """End gunicorn and all its workers at once, and start it again."""
        self.web.kill()
        self.web.start()

    def kill_one_of_web(self) -> None:
        """End one of gunicorn's workers."""
        self.web.kill_one_worker()

    def kill_worker(self) -> None:
        """End the worker whose turn it is, and start it again."""
        worker = self.workers.pop(0)
        self.workers.append(worker)
        worker.kill()
        worker.start()

    def kill_stripe(self) -> None:
        """End the local Stripe, and start it again with what it had written."""
        self.stripe.kill()
        self.stripe.start(state=self._state, port=self._port)


@dataclass(frozen=True)
class Gift:
    """What a reader fills in, and what they pay with on Stripe's page.

    Attributes: iban: a bank account instead of the card; authenticates: whether 3-D Secure is passed,
        failed, or left waiting.
    """

    amount: str = "25"
    currency: str = "eur"
    interval: str = "month"
    card: str = PAID
    iban: str = ""
    authenticates: bool | None = None


@dataclass
class Reader:
    """Sends the form and pays, again and again until Stripe's page has answered, whatever dies meanwhile."""

    person: PersonInClear
    newsroom: Newsroom
    stop: threading.Event
    gift: Gift = Gift()

    def __post_init__(self) -> None:
        self.nonce = new_nonce()
        self.visitor = Visitor(self.newsroom.web.url)
        self.session_id = ""
        """Of the page paid last."""

    def give(self) -> None:
        """Go on until Stripe says the session is paid, or says why it is not."""
        while not self.stop.is_set():
            address = self._address_of_page()
            if "/support/thanks" in address:
                return
            if address.startswith(self.newsroom.stripe.url):
                self.session_id = address.rpartition("/")[2]
                if self._pay():
                    return
            self.stop.wait(PAUSE_SECONDS)

    def come_back(self) -> None:
        """Look at the thanks page, as Stripe sends readers to; it may be away."""
        try:
            self.visitor.get(f"/support/thanks?session_id={self.session_id}")
        except (OSError, HTTPException):
            return

    def _address_of_page(self) -> str:
        """Send the form, follow the waiting page, and return where it all leads, if anywhere."""
        gift = self.gift
        try:
            answer = self.visitor.send_form(
                self.person,
                nonce=self.nonce,
                amount=gift.amount,
                interval=gift.interval,
                currency=gift.currency,
            )
            assert answer.status in (303, 503), f"{answer.status} for {gift}"
            return self._follow(answer)
        except (OSError, HTTPException):
            return ""

    def _follow(self, answer: Answer) -> str:
        while answer.is_waiting or answer.next_look:
            if self.stop.wait(PAUSE_SECONDS):
                return ""
            answer = self.visitor.get(answer.location or answer.next_look)
        return answer.location

    def _pay(self) -> bool:
        """Pay the page; returns whether the reader was answered at all."""
        gift = self.gift
        fields: dict[str, object] = {"iban": gift.iban} if gift.iban else {}
        if gift.authenticates is not None:
            fields["complete_3ds"] = gift.authenticates
        try:
            self.newsroom.stripe.pay(
                self.session_id, gift.card, email=self.person.address, name=self.person.name, **fields
            )
        except DoorRefused:
            return True  # declined, or paid by the try whose answer was lost
        except (OSError, HTTPException):
            return False
        return True
