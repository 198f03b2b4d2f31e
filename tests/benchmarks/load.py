"""Sends requests over kept connections from a few threads of a process of its own."""

import http.client
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

THREADS = 4


@dataclass(frozen=True)
class Request:
    """One request to send."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None = None


Maker = Callable[[int], list[Request]]
"""Makes the requests of one round, given its number; made before the clock starts."""


def requests_a_second(url: str, make: Maker, *, round_number: int) -> float:
    """Return how many requests a second a server answered; every answer must be below 400."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    sender = context.Process(target=_send_all, args=(url, make, round_number, results))
    sender.start()
    outcome = results.get(timeout=300)
    sender.join()
    if isinstance(outcome, str):
        raise RuntimeError(outcome)
    return float(outcome)


def _send_all(
    url: str, make: Maker, round_number: int, results: "multiprocessing.Queue[float | str]"
) -> None:
    requests = make(round_number)
    waiting = iter(requests)
    lock, failures = threading.Lock(), list[str]()
    threads = [threading.Thread(target=_send, args=(url, waiting, lock, failures)) for _ in range(THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    results.put(failures[0] if failures else len(requests) / elapsed)


def _send(url: str, waiting: Iterator[Request], lock: threading.Lock, failures: list[str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    while True:
        with lock:
            request = next(waiting, None)
        if request is None or failures:
            return
        connection.request(request.method, request.path, request.body, request.headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 400:
            failures.append(f"{request.method} {request.path}: {answer.status}")
