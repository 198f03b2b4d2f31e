"""`python -m app.demo.guard`: sees to it that no process outlives the demo, however the demo ends.

Reads process groups from standard input, `+123` for one that started, `-123` for one that ended. When
the input ends, the demo is gone, even by a signal nobody can catch, and what is left is ended.
"""

import os
import signal
import sys
import time
from contextlib import suppress

GRACE_SECONDS = 5.0
GLANCE_SECONDS = 0.1


def main() -> None:
    """Watch until the input ends."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    end_groups(groups)


def end_groups(groups: set[int]) -> None:
    """Ask each process group to end, and after a while make it."""
    for group in groups:
        send(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(send(group, 0) for group in groups):
        time.sleep(GLANCE_SECONDS)
    for group in groups:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Send a signal to a process group, 0 to look only; returns whether there is such a group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
