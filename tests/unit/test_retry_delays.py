"""What failed is tried again ever more rarely, and never not at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.inbox import leases
from app.outbox import queue

Delay = Callable[[int], timedelta]


@pytest.mark.parametrize(
    ("delay", "first", "longest"),
    [
        (leases.retry_delay, leases.FIRST_RETRY_SECONDS, leases.LONGEST_RETRY_SECONDS),
        (queue.retry_delay, queue.FIRST_RETRY_SECONDS, queue.LONGEST_RETRY_SECONDS),
    ],
)
def test_each_wait_is_twice_the_last_until_the_longest(delay: Delay, first: int, longest: int) -> None:
    waits = [delay(attempts).total_seconds() for attempts in range(1, 200)]

    assert waits[:3] == [first, 2 * first, 4 * first]
    assert waits == sorted(waits)
    assert max(waits) == longest


def test_mail_is_tried_for_days_before_it_is_dropped() -> None:
    tried_for = sum((queue.retry_delay(attempts) for attempts in range(1, queue.MOST_ATTEMPTS)), timedelta())

    assert timedelta(days=4) < tried_for < timedelta(days=7)
