"""Holds the rule that no network call happens inside a database transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from app.kernel.errors import SmallFavorError

_open_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)


class NetworkInsideTransaction(SmallFavorError):
    """A network call was tried while a transaction held its locks: a fault in our code."""


@contextmanager
def network_forbidden() -> Iterator[None]:
    """Mark the block as one in which `check_network_allowed` raises."""
    token = _open_transactions.set(_open_transactions.get() + 1)
    try:
        yield
    finally:
        _open_transactions.reset(token)


def check_network_allowed() -> None:
    """Raise NetworkInsideTransaction when called from inside a transaction."""
    if _open_transactions.get():
        raise NetworkInsideTransaction
