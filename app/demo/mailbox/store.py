"""Mails on disk, one file each, numbered as they came."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

MOST_KEPT = 2000
"""The oldest go first beyond this."""
_HEAD_BYTES = 16_384
_SUFFIX = ".eml"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail, read; `number` counts from 1 in the order of arrival."""

    number: int
    message: EmailMessage

    def header(self, name: str) -> str:
        """Return a header's text, empty where there is none."""
        return str(self.message.get(name, ""))


class Store:
    """The mails of one folder."""

    def __init__(self, folder: Path, *, most_kept: int = MOST_KEPT) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._numbers = sorted(
            int(path.stem) for path in folder.glob(f"*{_SUFFIX}") if re.fullmatch(r"\d+", path.stem)
        )

    def __len__(self) -> int:
        """How many there are."""
        return len(self._numbers)

    def add(self, content: bytes) -> None:
        """Keep a mail as the newest, whole on disk before it counts."""
        with self._lock:
            number = self._numbers[-1] + 1 if self._numbers else 1
            half = self._folder / f"{number}.half"
            half.write_bytes(content)
            half.replace(self._path(number))
            self._numbers.append(number)
            while len(self._numbers) > self._most_kept:
                self._path(self._numbers.pop(0)).unlink(missing_ok=True)

    def list_newest(self, *, skip: int, limit: int) -> Sequence[Mail]:
        """Return mails with their headers alone, newest first."""
        with self._lock:
            numbers = self._numbers[::-1][skip : skip + limit]
        return [mail for number in numbers if (mail := self._read(number, _HEAD_BYTES))]

    def find(self, number: int) -> Mail | None:
        """Return a whole mail, None where it is not or no longer kept."""
        return self._read(number, -1)

    def date(self, date_of: Callable[[Mail], datetime | None]) -> None:
        """Write another Date on the mails for which one is given, and number all by their dates."""
        with self._lock:
            dated = [_dated(self._path(number).read_bytes(), date_of) for number in self._numbers]
            dated.sort(key=lambda pair: pair[0])
            for number, (_, content) in zip(self._numbers, dated, strict=True):
                self._path(number).write_bytes(content)

    def _read(self, number: int, most_bytes: int) -> Mail | None:
        try:
            with self._path(number).open("rb") as file:
                content = file.read(most_bytes)
        except FileNotFoundError:
            return None
        head = content.partition(b"\r\n\r\n")[0] if most_bytes > 0 else content
        message = message_from_bytes(head, policy=policy.default)
        return Mail(number=number, message=message)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}{_SUFFIX}"


def _dated(content: bytes, date_of: Callable[[Mail], datetime | None]) -> tuple[datetime, bytes]:
    """Return a mail with its date, nothing else of it changed."""
    mail = Mail(number=0, message=message_from_bytes(content, policy=policy.default))
    given = date_of(mail)
    if given is None:
        return parsedate_to_datetime(mail.header("Date")), content
    line = b"Date: " + format_datetime(given).encode()
    return given, re.sub(rb"^Date: [^\r\n]*", line, content, count=1, flags=re.MULTILINE)
