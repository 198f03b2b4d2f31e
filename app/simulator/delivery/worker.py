"""Background threads that send what is due."""

import http.client
import logging
import threading
import time

from app.simulator.contract.recording import Recorder
from app.simulator.delivery.orders import WebhookOrders
from app.simulator.delivery.queue import Delivery, DeliveryQueue
from app.simulator.delivery.sender import payload_of, send
from app.simulator.engine.world import World

THREADS = 4
IDLE_SECONDS = 30.0
log = logging.getLogger(__name__)


class Deliveries:
    """Sends deliveries until stopped; a restart goes on with what is still pending."""

    def __init__(self, world: World, orders: WebhookOrders, recorder: Recorder) -> None:
        self.recorder = recorder
        self.queue = DeliveryQueue(world)
        self.orders = orders
        self._wake = threading.Condition()
        self._busy: set[int] = set()
        self._stopping = False

    def start(self) -> None:
        """Start the threads."""
        for number in range(THREADS):
            threading.Thread(target=self._run, name=f"delivery-{number}", daemon=True).start()

    def stop(self) -> None:
        """Let the threads end."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()

    def wake(self) -> None:
        """Something new may be due."""
        with self._wake:
            self._wake.notify_all()

    def release(self) -> int:
        """Let go every delivery that was held. Returns: how many."""
        released = self.queue.release()
        self.wake()
        return released

    def flush(self, timeout_seconds: float) -> bool:
        """Send everything that waits, retries included; whether all of it is through."""
        self.queue.hurry()
        self.wake()
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            with self._wake:
                idle = not self._busy
            waiting = self.queue.seconds_until_due()
            if idle and (waiting is None or waiting > 0):
                return waiting is None
            time.sleep(0.01)
        return False

    def _run(self) -> None:
        while not self._stopping:
            delivery = self._take()
            if delivery is None:
                self._sleep()
                continue
            try:
                self._deliver(delivery)
            except Exception as error:  # noqa: BLE001  # a worker loop records and goes on
                log.warning("delivery %s failed: %s", delivery.id, error)
                self.queue.failed(delivery, None, str(error))
            finally:
                with self._wake:
                    self._busy.discard(delivery.id)

    def _take(self) -> Delivery | None:
        with self._wake:
            waiting = self.queue.due(self._busy)
            if not waiting:
                return None
            delivery = waiting[0]
            if self.orders.for_endpoint(delivery.endpoint).reorder:
                delivery = self.orders.pick(waiting)
            self._busy.add(delivery.id)
            return delivery

    def _sleep(self) -> None:
        waiting = self.queue.seconds_until_due()
        with self._wake:
            self._wake.wait(min(IDLE_SECONDS if waiting is None else max(waiting, 0.005), IDLE_SECONDS))

    def _troubled(self, delivery: Delivery) -> bool:
        """Do to a delivery what was ordered; whether that means it is not sent now."""
        orders = self.orders.for_endpoint(delivery.endpoint)
        if not orders.concern(delivery.type):
            return False
        if orders.hold:
            self.queue.hold(delivery, None)
            return True
        if delivery.mark or delivery.attempts:
            return False
        trouble = self.orders.trouble_for(delivery.endpoint)
        if trouble == "drop":
            self.queue.drop(delivery, "dropped on order")
        elif trouble == "delay":
            self.queue.delay(delivery, orders.delay_seconds)
        elif trouble == "hold":
            self.queue.hold(delivery, "held")
        elif trouble == "duplicate":
            self.queue.duplicate(delivery)
        return trouble in {"drop", "delay", "hold"}

    def _deliver(self, delivery: Delivery) -> None:
        if self._troubled(delivery):
            return
        parcel = self.queue.parcel(delivery)
        if parcel is None:
            self.queue.drop(delivery, "the endpoint is gone")
            return
        event, endpoint = parcel
        payload = payload_of(event, endpoint["api_version"])
        self.recorder.delivery(payload)
        try:
            status = send(payload, endpoint["url"], self.queue.secrets(endpoint))
        except (OSError, http.client.HTTPException) as error:
            self.queue.failed(delivery, None, f"{type(error).__name__}: {error}")
            return
        if 200 <= status < 300:
            self.queue.succeeded(delivery, status)
        else:
            self.queue.failed(delivery, status, f"HTTP {status}")
