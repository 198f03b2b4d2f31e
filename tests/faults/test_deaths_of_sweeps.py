"""A full sweep or a backfill dies at any moment: run again it goes on, and in the end all is equal, once."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.billing.models import Payment, Refund
from app.db import transaction
from app.flows.parts import Parts
from app.flows.reconcile.backfill import backfill
from app.flows.reconcile.command import Outcome, reconcile
from app.inbox.models import WantedObject
from app.kernel.clock import utc_now
from app.ledger.models import Entry
from app.outbox.models import QueuedMail
from app.receipts.models import CreditNote, Receipt
from config.settings import Settings
from tests.faults.mortal import HOURS_LATER, Mortal
from tests.support.backup import Backup
from tests.support.cast import reader
from tests.support.compare import differences
from tests.support.processes import BIN, Process, environment_of, wait_until
from tests.support.world import World

STRIDE = 11
"""Every so-manieth edge is died at, beginning at another one each time: all of them would take minutes."""
KILLS = 5
MOST_REQUESTS = 30
KILL_SECONDS = 60
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
"""What a sweep finds here is old, and mailed to nobody."""
RUNS: dict[str, Callable[[Parts], Outcome]] = {
    "full_sweep": lambda parts: reconcile(parts, full=True, since_days=30, say=lambda _line: None),
    "take_in": lambda parts: backfill(parts, say=lambda _line: None),
}
COMMANDS = {"full_sweep": ["reconcile", "--full"], "take_in": ["backfill"]}


@pytest.fixture
def untold(world: World) -> World:
    """Two who have given for three months, one month of it given back: of all of it no event has come."""
    for number in range(2):
        giver = reader(number)
        world.pay(world.open_session(world.form(giver)), giver)
    world.advance(days=62)
    world.v1.refunds.create({"payment_intent": world.stripe.objects("payment_intent")[0]["id"]})
    return world


def come_to_the_end(world: World, run: str, *, died_at: int | None = None) -> None:
    """Run it once more, when the leases of the dead have run out, and see that nothing is left to do."""
    world.wait_and(lambda: RUNS[run](world.parts), hours=HOURS_LATER)

    assert differences(world.parts.sessions, world.stripe, silent_since=ALWAYS) == [], died_at
    paid = len(world.stripe.objects("payment_intent"))
    assert len(world.rows(Payment)) == len(world.rows(Receipt)) == paid
    assert [note.serial for note in world.rows(CreditNote)] == [1]
    assert len(world.rows(Refund)) == 1
    assert len(world.rows(Entry)) == len(world.stripe.objects("balance_transaction"))


@pytest.mark.parametrize("run", RUNS)
def test_at_whichever_edge_it_died_the_next_run_makes_all_equal(
    untold: World, mortal: Mortal, run: str
) -> None:
    backup = Backup(untold.parts.sessions.kw["bind"])
    backup.make()

    for nth in count(random.Random().randint(1, STRIDE), STRIDE):
        backup.restore()
        died = mortal.dies(run, nth, edges=True)
        come_to_the_end(untold, run, died_at=nth)
        if not died:
            break

    assert nth > 5 * STRIDE, "the run was not watched"


def let_leases_run_out(world: World) -> None:
    """Have what the dead held be free, or the next run would wait for over a minute."""
    with transaction(world.parts.sessions) as session:
        session.execute(sa.update(WantedObject).values(lease_until=utc_now() - timedelta(seconds=1)))


@pytest.mark.parametrize("run", RUNS)
def test_a_command_killed_again_and_again_comes_to_its_end(
    untold: World, settings: Settings, tmp_path: Path, run: str
) -> None:
    words = [str(BIN / "flask"), "--app", "wsgi", "stripe", *COMMANDS[run]]
    command = Process(words, environment_of(settings), tmp_path / "log")
    chance = random.Random()

    for _ in range(KILLS):
        killed_at = len(untold.stripe.requests()) + chance.randint(1, MOST_REQUESTS)
        command.start()
        wait_until(lambda: command.is_over or len(untold.stripe.requests()) >= killed_at, KILL_SECONDS)  # noqa: B023
        command.kill()
        let_leases_run_out(untold)

    come_to_the_end(untold, run)
    assert "Traceback" not in command.said()


def test_what_a_backfill_that_died_took_in_is_mailed_to_nobody(untold: World, mortal: Mortal) -> None:
    for nth in (30, 60, 90):
        mortal.dies("take_in", nth, edges=True)
    come_to_the_end(untold, "take_in")

    assert untold.rows(QueuedMail) == []
