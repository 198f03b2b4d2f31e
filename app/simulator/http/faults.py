"""Faults to order: which call is to go wrong, and how."""

import random
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

Json = dict[str, Any]
KINDS = {
    "fail_before": "answer 500 and do nothing",
    "fail_after": "do it, then answer 500 and keep that answer under the idempotency key",
    "lost_answer": "do it, then drop the connection",
    "hang": "wait for `seconds`, then answer",
    "reset": "do it, then cut the connection in the middle of the answer",
    "429": "answer that there are too many requests",
    "409": "answer that another request holds a lock",
    "lose_event": "do not generate events of the type named",
    "script": "do what `script` lists, one entry a call: `ok`, or any kind above",
}
OK = "ok"
UNLIMITED = 10**9


@dataclass
class Fault:
    """An order for trouble.

    Attributes: method: `*` for any; route: a path with `*` for anything, or an event type for
    `lose_event`; nth: which matching call is the first to go wrong, from 1; count: how many;
    percent: the chance that a call goes wrong, decided by `seed` and the number of the call;
    script: the kinds of a `script`, in order; seen, done: calls that matched, and that went wrong.
    """

    id: int
    kind: str
    method: str = "*"
    route: str = "*"
    nth: int = 1
    count: int = 1
    seconds: int = 1
    percent: int = 100
    seed: int = 0
    script: list[str] = field(default_factory=list)
    seen: int = 0
    done: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the order is about this call at all."""
        return self.method in ("*", method) and _matches(self.route, path)

    def strike(self) -> "Fault | None":
        """Count a call that matches. Returns: what is to befall it."""
        self.seen += 1
        if self.kind == "script":
            return self._next_of_script()
        if self.seen < self.nth or self.done >= self.count or not chance(self.percent, self.seed, self.seen):
            return None
        self.done += 1
        return self

    def _next_of_script(self) -> "Fault | None":
        entry = self.script[self.seen - 1] if self.seen <= len(self.script) else OK
        self.done += entry != OK
        return None if entry == OK else replace(self, kind=entry)


class Faults:
    """The orders in force.

    Attributes: keep: is handed all orders whenever one is given, taken back or used up a little.
    """

    def __init__(self) -> None:
        self.keep: Callable[[list[Json]], None] = _forget
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def restore(self, kept: list[Json] | None) -> None:
        """Go on with the orders of before a restart."""
        with self._lock:
            self._faults = [Fault(**one) for one in kept or []]

    def order(self, wanted: Json) -> Json:
        """Take an order. Raises: ValueError: of a kind, or with a field, there is not."""
        _check(wanted)
        unlimited = {"count": UNLIMITED} if "percent" in wanted else {}
        with self._lock:
            number = max((one.id for one in self._faults), default=0) + 1
            fault = Fault(**{**unlimited, **wanted, "id": number})
            self._faults.append(fault)
        self.keep(self.listed())
        return asdict(fault)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for this call, if one was ordered."""
        return self._strike(lambda one: one.kind != "lose_event" and one.matches(method, path))

    def loses(self, event_type: str) -> bool:
        """Whether an event of this type is never to be."""
        lost = self._strike(lambda one: one.kind == "lose_event" and one.matches("*", event_type))
        return lost is not None

    def listed(self) -> list[Json]:
        """Every order, spent ones included."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults.clear()
        self.keep([])

    def _strike(self, concerned: Callable[[Fault], bool]) -> Fault | None:
        if not self._faults:
            return None
        with self._lock:
            matching = [fault for fault in self._faults if concerned(fault)]
            struck = next((found for fault in matching if (found := fault.strike())), None)
        if matching:
            self.keep(self.listed())
        return struck


def chance(percent: int, seed: int, number: int) -> bool:
    """Throw the dice for the so-manieth time: the same seed and number fall the same way always."""
    if percent >= 100:
        return True
    return random.Random(f"{seed}:{number}").random() * 100 < percent  # noqa: S311  # repeatable on purpose


def _check(wanted: Json) -> None:
    if wanted.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    unknown = wanted.keys() - (Fault.__dataclass_fields__.keys() - {"id", "seen", "done"})
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    script = wanted.get("script", [])
    allowed = {OK, *KINDS} - {"script", "lose_event"}
    if (wanted["kind"] == "script") != bool(script) or not set(script) <= allowed:
        raise ValueError(f"a script lists some of {', '.join(sorted(allowed))}; other kinds have none")
    if not 0 <= wanted.get("percent", 100) <= 100:
        raise ValueError("percent is from 0 to 100")


def _forget(_orders: list[Json]) -> None:
    """Nobody keeps the orders."""


def _matches(pattern: str, text: str) -> bool:
    expression = ".*".join(re.escape(part) for part in re.sub(r"\{[^}]*\}", "*", pattern).split("*"))
    return re.fullmatch(expression, text) is not None
