"""2,000 subscriptions through twelve months of the local Stripe's clock: time, memory, cost per renewal."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import stripe

from tests.simulator.shop import Shop
from tests.support.simulator import SimulatorProcess

SUBSCRIPTIONS = 2_000
MONTHS = 12
CLIENTS = 4


def run() -> None:
    """Measure with the state in a file, as a demo or a long test has it."""
    with TemporaryDirectory() as folder:
        simulator = SimulatorProcess().start(state=Path(folder) / "state.db", now="2027-01-15T10:00:00")
        try:
            _measure(simulator)
        finally:
            simulator.stop()


def _measure(simulator: SimulatorProcess) -> None:
    started, before = time.perf_counter(), _megabytes(simulator)
    _subscribe(Shop(simulator))
    print(f"{SUBSCRIPTIONS} subscriptions made              {time.perf_counter() - started:8.1f} s")
    seconds = list(_months(simulator))
    renewed = len(simulator.objects("invoice")) - SUBSCRIPTIONS
    assert renewed == SUBSCRIPTIONS * MONTHS, renewed
    first, last = sum(seconds[:3]), sum(seconds[-3:])
    print(
        f"twelve months of them                {sum(seconds):8.1f} s   "
        f"{sum(seconds) / renewed * 1000:.2f} ms a renewal   "
        f"last quarter / first {last / first:.2f}   {before:.0f} MiB -> {_megabytes(simulator):.0f} MiB"
    )


def _subscribe(shop: Shop) -> None:
    price = shop.price().id

    def subscribe(_number: int) -> stripe.Subscription:
        return shop.subscription(items=[{"price": price}])

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(subscribe, range(SUBSCRIPTIONS)))


def _months(simulator: SimulatorProcess) -> Iterator[float]:
    """Advance month by month; yields the seconds each took."""
    for month in range(2, MONTHS + 2):
        started = time.perf_counter()
        year, number = 2027 + (month - 1) // 12, (month - 1) % 12 + 1
        simulator.advance(to=f"{year}-{number:02d}-16T10:00:00")
        yield time.perf_counter() - started


def _megabytes(simulator: SimulatorProcess) -> float:
    """The resident memory of the process."""
    status = Path(f"/proc/{simulator.pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024
