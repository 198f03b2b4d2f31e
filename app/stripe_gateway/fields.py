"""Fields of Stripe's objects that come in more than one form."""

from typing import Protocol


class _HasId(Protocol):
    id: str


def id_of(expandable: "str | _HasId | None") -> str | None:
    """Return the id of a field that may be expanded."""
    return expandable if expandable is None or isinstance(expandable, str) else expandable.id
