"""A chaos run: many lives over months of Stripe's clock, while everything that can go wrong does."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.flows.parts import Parts
from tests.faults.chaos.dashboard import Dashboard
from tests.faults.chaos.deeds import DEEDS
from tests.faults.chaos.desk import Desk
from tests.faults.chaos.gifts import draw_gift, draw_person
from tests.faults.chaos.patience import patiently
from tests.faults.chaos.trouble import Reaper, end_trouble, order_trouble
from tests.faults.newsroom import LONGEST_WAIT_SECONDS, Newsroom, Reader

DAYS = 120
STEP_HOURS = (12, 72)
"""How far the clock moves at once: no held webhook is later than the longest."""
STEPS_BETWEEN_GIVING = 5
AT_ONCE = 6
SHARE_OF_RETURNS = 0.2
"""How many of those who give have given before, and begin a second support."""
SHARE_OF_LOOKS = 0.4
MOST_ASKS = 2
SHARE_OF_DEEDS = 0.12
"""How many customers something is done to at each step."""


class ChaosRun:
    """One run, repeatable as far as chance goes, though not the processes' timing.

    Attributes: readers: everybody who gave or tried to.
    """

    def __init__(self, newsroom: Newsroom, parts: Parts, *, lives: int, seed: int) -> None:
        self.newsroom = newsroom
        self.lives = lives
        self.chance = random.Random(seed)
        self.readers: list[Reader] = []
        self.dashboard = Dashboard(newsroom.stripe, self.chance)
        self.desk = Desk(parts, self.chance)
        self.reaper = Reaper(newsroom, random.Random(seed + 1))
        self._stop = threading.Event()

    def run(self) -> None:
        """Lead all the lives, and let the trouble end."""
        self.newsroom.stripe.settings(payout_schedule="weekly")
        order_trouble(self.newsroom.stripe, self.chance)
        self.reaper.start()
        try:
            self._live()
        finally:
            self._stop.set()
            self.reaper.stop()
        end_trouble(self.newsroom.stripe)

    def _live(self) -> None:
        steps = self._steps()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, hours in enumerate(steps, 1):
                giving = [
                    pool.submit(giver) for giver in self._givers(self._due(number / len(steps), number))
                ]
                for customer in self.dashboard.look():
                    if self.chance.random() < SHARE_OF_DEEDS:
                        self.dashboard.act(self.chance.choice(DEEDS), customer)
                self._ask()
                for one in giving:
                    one.result(timeout=LONGEST_WAIT_SECONDS)
                self._advance(hours)

    def _ask(self) -> None:
        """Have staff and members ask for something through our product."""
        now = patiently(self.newsroom.stripe.now)
        for _ in range(self.chance.randint(0, MOST_ASKS)):
            self.desk.act(now_at_stripe=now)

    def _due(self, share: float, number: int) -> int:
        """Return how many begin now: they come in crowds, since the clock waits for the slowest of them."""
        in_crowds = share == 1 or number % STEPS_BETWEEN_GIVING == 1
        return round(self.lives * share) - len(self.readers) if in_crowds else 0

    def _steps(self) -> list[int]:
        steps: list[int] = []
        while sum(steps) < DAYS * 24:
            steps.append(self.chance.randint(*STEP_HOURS))
        return steps

    def _givers(self, count: int) -> list[Callable[[], None]]:
        givers = []
        for _ in range(count):
            gift = draw_gift(self.chance)
            number = len(self.readers)
            if self.readers and self.chance.random() < SHARE_OF_RETURNS:
                number = self.chance.randrange(number)
            person = draw_person(self.chance, number, gift)
            giver = Reader(person, self.newsroom, self._stop, gift)
            self.readers.append(giver)
            givers.append(self._giving(giver, comes_back=self.chance.random() < SHARE_OF_LOOKS))
        return givers

    @staticmethod
    def _giving(giver: Reader, *, comes_back: bool) -> Callable[[], None]:
        def give() -> None:
            giver.give()
            if comes_back:
                giver.come_back()

        return give

    def _advance(self, hours: int) -> None:
        """Move Stripe's clock; what was held before is told after, beside what is new."""
        stripe = self.newsroom.stripe
        to = patiently(stripe.now) + hours * 3600
        patiently(lambda: stripe.advance(to=max(to, stripe.now())))
        patiently(stripe.release)
