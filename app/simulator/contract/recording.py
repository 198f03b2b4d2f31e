"""Keeps one of every kind of answer and delivery in a folder, for the contract to be held against.

Two answers are of one kind when they come from one route with one status and differ only in
digits, capitals, random ids and keys: in nothing that decides a type, a name or an enumerated
value. Everything said is looked at; what says nothing new is not written again.
"""

import json
import os
import re
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

Json = dict[str, Any]
# Each begins with a fixed character, which the search skips to; the looks of an answer cost little then.
RANDOM_IDS = re.compile(rb"_(?=[a-z]{0,13}[A-Z0-9])[A-Za-z0-9]{14,}")
UUID_ENDS = re.compile(rb"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOT_TELLING = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Recorder:
    """Writes to a file of its own in `folder`; does nothing without one.

    Each line is written in one piece before the answer is sent, so that a kill loses none.
    """

    def __init__(self, folder: str | None) -> None:
        self._lock = threading.Lock()
        self._seen: set[int] = set()
        self._file: int | None = None
        self._count = 0
        if folder:
            path = Path(folder) / f"{os.getpid()}-{uuid4().hex[:8]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(f"{path}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._counter = os.open(f"{path}.count", os.O_WRONLY | os.O_CREAT, 0o600)

    def answer(self, record: Json) -> None:
        """Take down one exchange of the API, as the console shows it."""
        self._take({name: record.get(name) for name in ("method", "route", "status")}, record["response"])

    def delivery(self, payload: str) -> None:
        """Take down an event as it is sent to an endpoint."""
        self._take({"method": "DELIVERY", "route": None, "status": None}, payload)

    def _take(self, about: Json, text: str) -> None:
        if self._file is None:
            return
        kind = hash((about["method"], about["route"], about["status"], _looks(text.encode())))
        with self._lock:
            self._count += 1
            os.pwrite(self._counter, str(self._count).encode(), 0)
            if kind in self._seen:
                return
            self._seen.add(kind)
        line = json.dumps({**about, "text": text}, ensure_ascii=False) + "\n"
        os.write(self._file, line.encode())


def _looks(text: bytes) -> bytes:
    """A text without what differs from one object to the next."""
    return UUID_ENDS.sub(b"", RANDOM_IDS.sub(b"", text)).translate(None, NOT_TELLING)
