"""Faults to order: which call is to go wrong, and how."""

import re
import threading
from dataclasses import asdict, dataclass
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
}


@dataclass
class Fault:
    """An order for trouble.

    Attributes: method: `*` for any; route: a path with `*` for anything, or an event type for
    `lose_event`; nth: which matching call is the first to go wrong, from 1; count: how many.
    """

    id: int
    kind: str
    method: str = "*"
    route: str = "*"
    nth: int = 1
    count: int = 1
    seconds: int = 1
    seen: int = 0
    done: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Count a call that matches, and say whether this is one to spoil."""
        if self.method not in ("*", method) or not _matches(self.route, path):
            return False
        self.seen += 1
        if self.seen < self.nth or self.done >= self.count:
            return False
        self.done += 1
        return True


class Faults:
    """The orders in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._next_id = 1

    def order(self, wanted: Json) -> Json:
        """Take an order. Raises: ValueError: of a kind, or with a field, there is not."""
        if wanted.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        fields = {name: wanted[name] for name in wanted if name in Fault.__dataclass_fields__}
        if fields.keys() != wanted.keys():
            raise ValueError(f"unknown fields: {', '.join(sorted(wanted.keys() - fields.keys()))}")
        with self._lock:
            fault = Fault(**{**fields, "id": self._next_id})
            self._next_id += 1
            self._faults.append(fault)
        return asdict(fault)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for this call, if one was ordered."""
        with self._lock:
            calls = [fault for fault in self._faults if fault.kind != "lose_event"]
            return next((fault for fault in calls if fault.strikes(method, path)), None)

    def loses(self, event_type: str) -> bool:
        """Whether an event of this type is never to be."""
        with self._lock:
            lost = [fault for fault in self._faults if fault.kind == "lose_event"]
            return any(fault.strikes("*", event_type) for fault in lost)

    def listed(self) -> list[Json]:
        """Every order, spent ones included."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults.clear()


def _matches(pattern: str, text: str) -> bool:
    expression = ".*".join(re.escape(part) for part in re.sub(r"\{[^}]*\}", "*", pattern).split("*"))
    return re.fullmatch(expression, text) is not None
