"""Trouble to order for webhooks: duplicated, reordered, delayed, dropped, held."""

import random
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")
TROUBLES = ("ok", "drop", "delay", "hold", "duplicate")


@dataclass
class Orders:
    """How deliveries to an endpoint are troubled; shares are chances from 0 to 100.

    Attributes: duplicate_percent, drop_percent, delay_percent: how many deliveries; delay_seconds:
    for how long; hold_percent: how many wait until released; reorder: waiting deliveries go out
    shuffled; hold: nothing goes out until released; types: only these event types (`invoice.*` reads
    as a group); script: what befalls the next deliveries one by one, each of `ok`, `drop`, `delay`,
    `hold`, `duplicate`, before chance decides.
    """

    duplicate_percent: int = 0
    drop_percent: int = 0
    delay_percent: int = 0
    delay_seconds: int = 1
    hold_percent: int = 0
    reorder: bool = False
    hold: bool = False
    types: str = "*"
    script: list[str] = field(default_factory=list)

    def concern(self, event_type: str) -> bool:
        """Whether an event of this type is troubled at all."""
        expression = ".*".join(re.escape(part) for part in self.types.split("*"))
        return re.fullmatch(expression, event_type) is not None


class WebhookOrders:
    """Orders by endpoint id, `*` for all that have none of their own.

    Attributes: keep: is handed all there is to know whenever it changes.
    """

    def __init__(self) -> None:
        self.keep: Callable[[Json], None] = _forget
        self._lock = threading.Lock()
        self._orders: dict[str, Orders] = {}
        self._seed = 0
        self._thrown = 0

    def restore(self, kept: Json | None) -> None:
        """Go on as before a restart, the dice included."""
        if kept:
            with self._lock:
                self._orders = {endpoint: Orders(**one) for endpoint, one in kept["orders"].items()}
                self._seed, self._thrown = kept["seed"], kept["thrown"]

    def set(self, wanted: Json) -> Json:
        """Order trouble for one endpoint, or for all. Raises: ValueError: an unknown field."""
        given = dict(wanted)
        endpoint = str(given.pop("endpoint", "*"))
        seed = given.pop("seed", None)
        known = {one.name for one in fields(Orders)}
        if given.keys() - known:
            raise ValueError(f"unknown fields: {', '.join(sorted(given.keys() - known))}")
        if not set(given.get("script", [])) <= set(TROUBLES):
            raise ValueError(f"a script lists some of {', '.join(TROUBLES)}")
        with self._lock:
            if seed is not None:
                self._seed, self._thrown = int(seed), 0
            self._orders[endpoint] = Orders(**given)
        self._kept()
        return self.listed()

    def for_endpoint(self, endpoint: str) -> Orders:
        """The orders in force for an endpoint."""
        with self._lock:
            return self._orders.get(endpoint) or self._orders.get("*") or Orders()

    def trouble_for(self, endpoint: str) -> str:
        """What befalls the next delivery to an endpoint, by its script or else by chance."""
        orders = self.for_endpoint(endpoint)
        if orders.script:
            with self._lock:
                trouble = orders.script.pop(0)
            self._kept()
            return trouble
        shares = {
            "drop": orders.drop_percent,
            "delay": orders.delay_percent,
            "hold": orders.hold_percent,
            "duplicate": orders.duplicate_percent,
        }
        return next((name for name, percent in shares.items() if self._chance(percent)), "ok")

    def pick(self, waiting: list[T]) -> T:
        """Any one of those that wait."""
        return waiting[int(self._throw() * len(waiting))]

    def listed(self) -> Json:
        """Every order, by endpoint."""
        with self._lock:
            return {endpoint: asdict(orders) for endpoint, orders in self._orders.items()}

    def clear(self) -> None:
        """Deliver as usual."""
        with self._lock:
            self._orders.clear()
        self._kept()

    def _chance(self, percent: int) -> bool:
        return percent > 0 and self._throw() * 100 < percent

    def _throw(self) -> float:
        with self._lock:
            self._thrown += 1
            thrown = random.Random(f"{self._seed}:{self._thrown}").random()  # noqa: S311  # repeatable on purpose
        self._kept()
        return thrown

    def _kept(self) -> None:
        self.keep({"orders": self.listed(), "seed": self._seed, "thrown": self._thrown})


def _forget(_orders: Json) -> None:
    """Nobody keeps the orders."""
