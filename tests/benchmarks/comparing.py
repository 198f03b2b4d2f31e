"""Backfill and reconcile in objects a second, beside the local Stripe alone serving the same pages."""

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from app.factory import join_parts
from app.flows.parts import Parts
from app.flows.reconcile.backfill import backfill
from app.flows.reconcile.command import Outcome, reconcile
from tests.conftest import make_settings
from tests.simulator.shop import Shop
from tests.support.databases import BOTH, Databases
from tests.support.simulator import SimulatorProcess

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "2000"))
MONTHS = 12
CLIENTS = 4
LISTS = {
    "customers": (),
    "subscriptions": ("data.default_payment_method", "data.customer.invoice_settings.default_payment_method"),
    "invoices": ("data.payments",),
    "payment_intents": ("data.latest_charge.balance_transaction", "data.customer"),
    "refunds": ("data.balance_transaction", "data.failure_balance_transaction"),
    "disputes": (),
    "payouts": ("data.balance_transaction", "data.failure_balance_transaction"),
    "checkout/sessions": ("data.invoice.payments",),
    "balance_transactions": ("data.source",),
}


def run(databases: Databases) -> None:
    """Measure on both databases, with a year of members made at Stripe first."""
    with TemporaryDirectory() as folder:
        simulator = SimulatorProcess().start(state=Path(folder) / "state.db", now="2027-01-15T10:00:00")
        try:
            started = time.perf_counter()
            _make_account(simulator)
            print(f"{MEMBERS} members through a year at Stripe      {time.perf_counter() - started:8.1f} s")
            for kind in BOTH:
                url = databases.create(kind)
                _measure(kind, simulator, url)
                databases.drop(url)
        finally:
            simulator.stop()


def _make_account(simulator: SimulatorProcess) -> None:
    shop = Shop(simulator)
    price = shop.price().id

    def subscribe(number: int) -> None:
        customer = shop.customer(email=f"member{number}@example.org")
        shop.subscription(customer=customer.id, items=[{"price": price}])

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(subscribe, range(MEMBERS)))
    for month in range(2, MONTHS + 1):
        simulator.advance(to=f"2027-{month:02d}-16T10:00:00")


def _measure(kind: str, simulator: SimulatorProcess, url: str) -> None:
    parts = join_parts(make_settings(url, stripe_url=simulator.url, smtp_url="smtp://127.0.0.1:9"))
    objects, bare = _read_alone(simulator)
    taken_in = _timed(lambda: backfill(parts, say=lambda _line: None))
    _report(f"backfill, {kind}", objects, bare, taken_in)
    again = _timed(lambda: _compare(parts))
    _report(f"reconcile --full, equal, {kind}", objects, bare, again)


def _compare(parts: Parts) -> Outcome:
    outcome = reconcile(parts, full=True, since_days=30, say=lambda _line: None)
    assert outcome.differed == {}, outcome.differed
    return outcome


def _timed(act: Callable[[], Outcome]) -> float:
    started = time.perf_counter()
    outcome = act()
    assert outcome.all_equal, outcome
    return time.perf_counter() - started


def _read_alone(simulator: SimulatorProcess) -> tuple[int, float]:
    """Read every page with a bare client; returns the objects there are, and the seconds it took."""
    started, objects = time.perf_counter(), 0
    for name, expansions in LISTS.items():
        after = None
        while True:
            params = [("limit", "100"), *(("expand[]", path) for path in expansions)]
            params += [("status", "all")] if name == "subscriptions" else []
            params += [("starting_after", after)] if after else []
            page = _get(f"{simulator.url}/v1/{name}?{urlencode(params)}")
            objects += len(page["data"])
            if not page["has_more"]:
                break
            after = page["data"][-1]["id"]
    return objects, time.perf_counter() - started


def _get(url: str) -> dict[str, Any]:
    request = Request(url, headers={"Authorization": "Bearer sk_test_bench"})
    with urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _report(name: str, objects: int, bare: float, ours: float) -> None:
    print(
        f"{name:44} {objects / ours:7.0f} objects/s   Stripe's pages alone {objects / bare:7.0f}/s   "
        f"ratio {bare / ours:.2f}   ({objects} objects in {ours:.1f} s)"
    )
