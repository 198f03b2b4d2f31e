"""How far a sweep is, as it is kept between two of its pages."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

MOST_UNSUPPORTED = 200


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a sweep stands, and with what it began.

    Attributes: present: Stripe's newest instant when it began, by Stripe's own clock; since: only what was
        made after it is looked at; silent_before: nothing older is mailed about; by_command: whether a
        person began it.
    """

    present: datetime
    silent_before: datetime
    since: datetime | None = None
    by_command: bool = False
    step: int = 0
    after: str | None = None
    """The last object read of the step's list."""
    unsupported: tuple[str, ...] = ()
    """What is at Stripe in a shape that we do not sell: ids, with the reason; the first of them."""

    def on_the_next_step(self) -> "Position":
        """Return the beginning of the step that follows."""
        return replace(self, step=self.step + 1, after=None)

    def after_page(self, last_id: str) -> "Position":
        """Return the place behind a page of the same list."""
        return replace(self, after=last_id)

    def with_unsupported(self, found: Iterable[str]) -> "Position":
        """Remember what cannot be followed."""
        return replace(self, unsupported=(*self.unsupported, *found)[:MOST_UNSUPPORTED])


def dump_position(position: Position) -> str:
    """Return a position as JSON."""
    values = asdict(position)
    return json.dumps({name: _plain(value) for name, value in values.items()}, sort_keys=True)


def load_position(text: str) -> Position:
    """Return a position from JSON."""
    values = json.loads(text)
    for name in ("present", "silent_before", "since"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["unsupported"] = tuple(values["unsupported"])
    return Position(**values)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
