"""What goes wrong during a chaos run: at Stripe's API, on the way of its webhooks, and with our processes."""

import random
import threading
from collections import Counter

from tests.faults.chaos.patience import patiently
from tests.faults.newsroom import Newsroom
from tests.support.simulator import SimulatorProcess

API_FAULTS = {"fail_before": 3, "fail_after": 2, "lost_answer": 3, "reset": 3, "429": 3, "409": 2, "hang": 2}
"""By kind, how many of a hundred calls of any route it befalls."""
HANG_SECONDS = 0.5
NEVER_TOLD = ("invoice.paid", "customer.subscription.*", "payment_intent.*", "charge.*", "refund.*")
"""Some events of these types are never made: what happened then, only whoever looks can know."""
NEVER_TOLD_PERCENT = 3
DUPLICATE_PERCENT, LOST_PERCENT, DELAY_PERCENT, HOLD_PERCENT = 30, 2, 20, 20
REST_SECONDS = (1.0, 6.0)


def order_trouble(stripe: SimulatorProcess, chance: random.Random) -> None:
    """Let calls fail in every way, and events be told badly or not at all."""
    for kind, percent in API_FAULTS.items():
        stripe.faults(kind, percent=percent, seed=chance.randrange(10**6), seconds=HANG_SECONDS)
    for event_type in NEVER_TOLD:
        stripe.faults(
            "lose_event", route=event_type, percent=NEVER_TOLD_PERCENT, seed=chance.randrange(10**6)
        )
    stripe.webhook_faults(
        duplicate_percent=DUPLICATE_PERCENT,
        drop_percent=LOST_PERCENT,
        delay_percent=DELAY_PERCENT,
        hold_percent=HOLD_PERCENT,
        reorder=True,
        seed=chance.randrange(10**6),
    )


def end_trouble(stripe: SimulatorProcess) -> None:
    """Let everything go well from here on; what was held or late goes out."""
    patiently(stripe.clear_faults)


class Reaper:
    """Kills one process after another until it is stopped.

    Attributes: kills: how often each was killed; fault: why it could not go on.
    """

    def __init__(self, newsroom: Newsroom, chance: random.Random) -> None:
        self._newsroom = newsroom
        self._chance = chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.kills: Counter[str] = Counter()
        self.fault: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, everything it killed being up again. Raises: what it could not go on for."""
        self._stop.set()
        self._thread.join()
        if self.fault:
            raise self.fault

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._chance.uniform(*REST_SECONDS)):
                self._kill_one()
        except BaseException as fault:  # told to the test, which fails
            self.fault = fault
            raise

    def _kill_one(self) -> None:
        newsroom = self._newsroom
        victims = (newsroom.kill_web, newsroom.kill_one_of_web, newsroom.kill_stripe)
        kill = self._chance.choice((*victims, newsroom.kill_worker, newsroom.kill_worker))
        kill()
        self.kills[kill.__name__] += 1
