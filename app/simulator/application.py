"""Joins the parts of the simulator, and keeps time in the background."""

import threading
from collections.abc import Callable
from typing import Any

from app.simulator.contract.package import api_version
from app.simulator.contract.recording import Recorder
from app.simulator.contract.requests import warm_up
from app.simulator.delivery.orders import WebhookOrders
from app.simulator.delivery.worker import Deliveries
from app.simulator.engine.clock import Clock
from app.simulator.engine.store import Store
from app.simulator.engine.world import MAX_SLEEP_SECONDS, World
from app.simulator.http.api import Api
from app.simulator.http.doors import Doors
from app.simulator.http.faults import Faults
from app.simulator.http.messages import Request, Response
from app.simulator.pages.site import Pages
from app.simulator.resources.table import JOBS, PRESENTERS

SHORTEST_SLEEP_SECONDS = 0.05


class Simulator:
    """The local Stripe: answers requests, sends webhooks, does what becomes due."""

    def __init__(
        self, *, state: str | None, base_url: str, now: int | None = None, record: str | None = None
    ) -> None:
        store = Store(state)
        self.world = World(store, clock=Clock(), version=api_version())
        self.world.base_url = base_url
        self.world.jobs.update(JOBS)
        self.world.presenters.update(PRESENTERS)
        self._set_clock(now)
        faults = Faults()
        faults.restore(store.read_meta("faults"))
        faults.keep = self._keep("faults")
        self.world.loses = faults.loses
        orders = WebhookOrders()
        orders.restore(store.read_meta("webhook_orders"))
        orders.keep = self._keep("webhook_orders")
        recorder = Recorder(record)
        self.deliveries = Deliveries(self.world, orders, recorder)
        self.api = Api(self.world, faults, recorder)
        self.doors = Doors(self.world, self.api, self.deliveries)
        self.pages = Pages(self.world, self.api, self.doors, self.deliveries)
        self._stopping = threading.Event()

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.path.startswith("/v1/") or request.path.startswith("/v2/"):
            response = self.api(request)
            if request.method != "GET":
                self.deliveries.wake()
            return response
        if request.path.startswith("/_sim/") and not request.path.startswith("/_sim/authenticate/"):
            return self.doors(request)
        return self.pages(request)

    def start(self) -> None:
        """Start sending webhooks and keeping time."""
        self.deliveries.start()
        threading.Thread(target=self._keep_time, name="clock", daemon=True).start()
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()

    def stop(self) -> None:
        """Stop the threads and close the state."""
        self._stopping.set()
        self.deliveries.stop()
        with self.world.woken:
            self.world.woken.notify_all()
        with self.world.lock:
            self.world.store.close()

    def _keep(self, name: str) -> Callable[[Any], None]:
        def keep(orders: Any) -> None:
            with self.world.lock:
                self.world.store.write_meta(name, orders)

        return keep

    def _set_clock(self, now: int | None) -> None:
        kept = self.world.store.read_meta("clock_offset")
        if kept is not None:
            self.world.clock.offset_seconds = kept
        elif now is not None:
            self.world.clock.set_to(now)
        with self.world.transaction():
            self.world.store.write_meta("clock_offset", self.world.clock.offset_seconds)

    def _keep_time(self) -> None:
        while not self._stopping.is_set():
            with self.world.lock:
                if self._stopping.is_set():
                    return
                done = self.world.run_due()
                waiting = self.world.seconds_until_due()
            if done:
                self.deliveries.wake()
            with self.world.woken:
                self.world.woken.wait(min(max(waiting, SHORTEST_SLEEP_SECONDS), MAX_SLEEP_SECONDS))
