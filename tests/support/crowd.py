"""Sessions on one database, and many threads that use them at one instant."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.orm import sessionmaker

from app.db import Sessions, create_db_engine

Result = TypeVar("Result")


@contextmanager
def opened(url: str) -> Iterator[Sessions]:
    """Yield sessions as the factory makes them; their connections are closed at the end."""
    engine = create_db_engine(url)
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


def all_at_once(count: int, work: Callable[[int], Result]) -> list[Result]:
    """Run `work(0)` to `work(count - 1)` in as many threads, let go together; returns their results."""
    start = threading.Barrier(count)

    def run(number: int) -> Result:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
