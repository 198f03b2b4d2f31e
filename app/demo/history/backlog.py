"""What the product still has to do, read from its database."""

import sqlite3
from pathlib import Path

_OBJECTS = "SELECT count(*) FROM inbox_objects WHERE wanted > done"
_MAILS = "SELECT count(*) FROM outbox_mails WHERE sent_at IS NULL AND dropped_at IS NULL"
_RECEIPTS = "SELECT count(*) FROM receipts"
_MEMBERS = "SELECT count(*) FROM members"


class Backlog:
    """Counts; it only ever reads."""

    def __init__(self, database: Path) -> None:
        self._address = f"{database.as_uri()}?mode=ro"

    def objects(self) -> int:
        """How many objects of Stripe's wait for their sync."""
        return self._count(_OBJECTS)

    def mails(self) -> int:
        """How many mails wait to be sent."""
        return self._count(_MAILS)

    def receipts(self) -> int:
        """How many receipts were issued."""
        return self._count(_RECEIPTS)

    def members(self) -> int:
        """How many members there are."""
        return self._count(_MEMBERS)

    def _count(self, question: str) -> int:
        connection = sqlite3.connect(self._address, uri=True, timeout=30)
        try:
            return int(connection.execute(question).fetchone()[0])
        finally:
            connection.close()
