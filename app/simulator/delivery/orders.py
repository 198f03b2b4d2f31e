"""Trouble to order for webhooks: duplicated, reordered, delayed, dropped, held."""

import random
import re
import threading
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")


@dataclass
class Orders:
    """How deliveries to an endpoint are troubled; shares are chances from 0 to 100.

    Attributes: duplicate_percent, drop_percent, delay_percent: how many deliveries; delay_seconds:
    for how long; reorder: waiting deliveries go out shuffled; hold: nothing goes out until
    released; types: only these event types (`invoice.*` reads as a group).
    """

    duplicate_percent: int = 0
    drop_percent: int = 0
    delay_percent: int = 0
    delay_seconds: int = 1
    reorder: bool = False
    hold: bool = False
    types: str = "*"

    def concern(self, event_type: str) -> bool:
        """Whether an event of this type is troubled at all."""
        expression = ".*".join(re.escape(part) for part in self.types.split("*"))
        return re.fullmatch(expression, event_type) is not None


class WebhookOrders:
    """Orders by endpoint id, `*` for all that have none of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, Orders] = {}
        self.random = random.Random(0)  # noqa: S311  # chance for tests, repeatable by its seed

    def set(self, wanted: Json) -> Json:
        """Order trouble for one endpoint, or for all. Raises: ValueError: an unknown field."""
        given = dict(wanted)
        endpoint = str(given.pop("endpoint", "*"))
        if "seed" in given:
            self.random.seed(given.pop("seed"))
        known = {field.name for field in fields(Orders)}
        if given.keys() - known:
            raise ValueError(f"unknown fields: {', '.join(sorted(given.keys() - known))}")
        with self._lock:
            self._orders[endpoint] = Orders(**given)
        return self.listed()

    def for_endpoint(self, endpoint: str) -> Orders:
        """The orders in force for an endpoint."""
        with self._lock:
            return self._orders.get(endpoint) or self._orders.get("*") or Orders()

    def pick(self, waiting: list[T]) -> T:
        """Any one of those that wait."""
        with self._lock:
            return self.random.choice(waiting)

    def chance(self, percent: int) -> bool:
        """Throw the dice."""
        with self._lock:
            return self.random.random() * 100 < percent

    def listed(self) -> Json:
        """Every order, by endpoint."""
        with self._lock:
            return {endpoint: asdict(orders) for endpoint, orders in self._orders.items()}

    def clear(self) -> None:
        """Deliver as usual."""
        with self._lock:
            self._orders.clear()
