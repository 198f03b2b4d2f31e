"""SIGKILL of any process at any moment: after a restart everything converges."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access import parts_of
from app.factory import create_app
from app.members.models import Member
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from config.settings import Settings
from tests.conftest import make_settings
from tests.faults.newsroom import LONGEST_WAIT_SECONDS, Gift, Newsroom, Reader
from tests.support.cast import reader
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.simulator import SimulatorProcess
from tests.support.world import World

READERS = 30
AT_ONCE = 6
KILLS = 10


@pytest.fixture
def lasting_stripe(tmp_path: Path) -> Iterator[SimulatorProcess]:
    """A local Stripe that keeps its state in a file."""
    with SimulatorProcess().start(state=tmp_path / "stripe.db") as process:
        yield process


@pytest.fixture
def of_newsroom(database_url: str, lasting_stripe: SimulatorProcess, mails: MailCatcher) -> Settings:
    return make_settings(database_url, stripe_url=lasting_stripe.url, smtp_url=mails.url)


@pytest.fixture
def newsroom(of_newsroom: Settings, lasting_stripe: SimulatorProcess, tmp_path: Path) -> Iterator[Newsroom]:
    made = Newsroom(of_newsroom, lasting_stripe, tmp_path)
    made.open()
    yield made
    made.close()


@pytest.fixture
def afterwards(of_newsroom: Settings, lasting_stripe: SimulatorProcess) -> Iterator[World]:
    """The product in the test's own process, to come through with and to look with."""
    parts = parts_of(create_app(of_newsroom))
    yield World(parts, lasting_stripe)
    parts.sessions.kw["bind"].dispose()


def test_whatever_is_killed_no_payment_receipt_or_mail_is_lost_or_doubled(
    newsroom: Newsroom, afterwards: World, mails: MailCatcher
) -> None:
    stop = threading.Event()
    queue = [
        Reader(
            reader(number, name=f"Reader {number}"),
            newsroom,
            stop,
            Gift(interval=("month", "once")[number % 2]),
        )
        for number in range(READERS)
    ]
    crowd = [threading.Thread(target=give_in_turn, args=(queue,)) for _ in range(AT_ONCE)]
    try:
        for one in crowd:
            one.start()
        kill_at_random(newsroom, crowd)
        for one in crowd:
            one.join(timeout=LONGEST_WAIT_SECONDS)
        assert not any(one.is_alive() for one in crowd), "some reader never came through"
    finally:
        stop.set()

    newsroom.stripe.deliver_now()
    newsroom.close()
    afterwards.come_through()
    send_all(afterwards)

    assert differences(afterwards.parts.sessions, afterwards.stripe) == []
    assert len(afterwards.rows(Member)) == len(afterwards.rows(Receipt)) == READERS
    check_mails(afterwards, mails)


def give_in_turn(queue: list[Reader]) -> None:
    """Let one reader after another give."""
    while queue:
        queue.pop().give()


def kill_at_random(newsroom: Newsroom, crowd: list[threading.Thread]) -> None:
    """Kill one process after another while readers give."""
    chance = random.Random()
    victims = [newsroom.kill_web, newsroom.kill_one_of_web, newsroom.kill_worker, newsroom.kill_stripe]
    for number in range(KILLS):
        if number and not any(one.is_alive() for one in crowd):
            return
        threading.Event().wait(chance.uniform(0.1, 0.8))
        chance.choice(victims)()


def send_all(world: World) -> None:
    """Send what is left, waiting by the clock for leases of the dead."""
    world.wait_and(world.send_mail, hours=7)


def check_mails(world: World, mails: MailCatcher) -> None:
    """Every mail went out, and a second copy of one bears the same id to the same reader."""
    queued = world.rows(QueuedMail)
    assert all(mail.sent_at for mail in queued)
    sent = Counter((mail["Message-ID"], mail["To"]) for mail in mails.messages)
    assert {message_id for message_id, _ in sent} == {
        f"<{mail.id}@harbour-courier.example>" for mail in queued
    }
    assert len(sent) == len(queued) == READERS
