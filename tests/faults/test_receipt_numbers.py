"""Ten thousand receipts by eight writers, killed as they go: no number is missing, none is given twice."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from app.billing.models import Payment
from app.db import Sessions, create_db_engine, reading
from app.receipts.models import Receipt, ReceiptCounter
from tests.faults.receipt_writer import last_serial
from tests.support.compare import gaps
from tests.support.processes import ROOT

RECEIPTS = 10_000
WRITERS = 8
LONGEST_SECONDS = 900
Writer = subprocess.Popen[bytes]


def start_writer(url: str) -> Writer:
    command = [sys.executable, "-m", "tests.faults.receipt_writer", url, str(RECEIPTS)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)


@contextmanager
def crew(url: str) -> Iterator[list[Writer]]:
    """Eight writers; whoever is left at the end is ended."""
    writers = [start_writer(url) for _ in range(WRITERS)]
    try:
        yield writers
    finally:
        for writer in writers:
            writer.kill()
            writer.wait(timeout=30)


def test_no_number_is_missing_and_none_given_twice(database_url: str) -> None:
    engine = create_db_engine(database_url)
    sessions = sessionmaker(engine)
    began = time.monotonic()

    kills = write_and_kill(database_url, sessions)

    seconds = time.monotonic() - began
    print(f"{RECEIPTS} receipts, {kills} kills, {seconds:.1f} seconds")
    check_numbers(sessions)
    assert kills >= WRITERS
    engine.dispose()


def write_and_kill(url: str, sessions: Sessions) -> int:
    """Kill a writer every few hundred receipts, and start another in its place; returns how often."""
    chance, kills, next_kill = random.Random(), 0, 0
    deadline = time.monotonic() + LONGEST_SECONDS
    with crew(url) as writers:
        while (last := last_serial(sessions)) < RECEIPTS:
            assert time.monotonic() < deadline, "the writers have come to a stop"
            time.sleep(chance.uniform(0.01, 0.1))
            if last < next_kill:
                continue
            next_kill = last + chance.randrange(100, 500)
            victim = chance.randrange(WRITERS)
            writers[victim].send_signal(signal.SIGKILL)
            writers[victim].wait(timeout=30)
            writers[victim] = start_writer(url)
            kills += 1
        for writer in writers:
            assert writer.wait(timeout=120) == 0
    return kills


def check_numbers(sessions: Sessions) -> None:
    """As many receipts as payments, numbered from 1 to the counter's own number."""
    with reading(sessions) as session:
        receipts = session.scalars(sa.select(Receipt)).all()
        payments = session.scalar(sa.select(sa.func.count()).select_from(Payment))
        last = session.scalars(sa.select(ReceiptCounter.last_serial)).one()
    assert len(receipts) == last == payments
    assert last >= RECEIPTS
    assert gaps(receipts) == []
    assert len({receipt.number for receipt in receipts}) == len(receipts)
