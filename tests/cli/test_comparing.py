"""The commands that compare with Stripe, and those that mute and unmute."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from app.db import transaction
from app.flows import muting
from app.kernel.clock import utc_now
from app.members.models import Member
from app.reconciliation.models import Sweep
from tests.cli.conftest import Run
from tests.support.cast import ADA, BEN
from tests.support.world import World


def test_reconcile_says_what_it_found_and_ends_well_once_all_is_equal(run: Run, world: World) -> None:
    world.pay(world.open_session(world.form(ADA)), ADA)

    first, second = run("stripe", "reconcile", "--full"), run("stripe", "reconcile")

    assert first.exit_code == second.exit_code == 0, first.output
    assert "that no webhook had brought" in first.output
    assert "in the books and at Stripe" in first.output
    assert "All is equal." in first.output
    assert " 0 differed." in second.output
    assert len(world.rows(Member)) == 1


def test_reconcile_ends_ill_while_something_cannot_be_mended(run: Run, world: World) -> None:
    world.give(ADA)
    intent_id = world.stripe.objects("payment_intent")[0]["id"]
    world.v1.refunds.create({"payment_intent": intent_id})
    world.stripe.faults("fail_before", route="/v1/refunds/*", count=500)

    result = run("stripe", "reconcile", "--full")

    assert result.exit_code == 1
    assert "not mended: refund re_" in result.output


@contextmanager
def another_at_it(world: World) -> Iterator[None]:
    """Touch every sweep again and again, as a process does that goes on with it."""
    over = threading.Event()

    def touch() -> None:
        while not over.wait(0.01):
            with transaction(world.parts.sessions) as session:
                session.execute(sa.update(Sweep).values(touched_at=utc_now()))

    thread = threading.Thread(target=touch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_comparison_that_another_process_goes_on_with_ends_by_a_status_of_its_own(
    run: Run, world: World
) -> None:
    with another_at_it(world):
        result = run("stripe", "reconcile", "--full")

    assert result.exit_code == 3
    assert "Another process goes on with this comparison" in result.output
    assert "Traceback" not in result.output


def test_backfill_says_how_far_it_is_and_goes_on_where_stripe_stopped_it(run: Run, world: World) -> None:
    for reader in (ADA, BEN):
        world.pay(world.open_session(world.form(reader)), reader)

    result = run("stripe", "backfill", "--per-second", "90")

    assert result.exit_code == 0, result.output
    assert "customers: " in result.output
    assert len(world.rows(Member)) == 2


def test_retry_has_nothing_to_do_where_nothing_failed(run: Run) -> None:
    result = run("stripe", "retry")

    assert result.exit_code == 0
    assert "Nothing waits" in result.output


def test_mute_compare_and_unmute_in_this_order(run: Run, world: World) -> None:
    world.give(ADA)

    assert "Next: flask stripe reconcile --full" in run("safety", "mute").output
    assert "Muted since" in run("safety", "status").output
    early = run("safety", "unmute")
    assert (early.exit_code, "reconcile --full` first" in early.output) == (1, True)
    assert run("stripe", "reconcile", "--full").exit_code == 0
    assert "1 mails queued before were dropped" in run("safety", "unmute").output
    assert "Not muted." in run("safety", "status").output


def test_a_muted_worker_does_nothing(run: Run, world: World) -> None:
    world.give(ADA)
    muting.mute(world.parts)

    assert "0 done." in run("worker", "--once").output


def test_the_doctor_finds_a_restored_database_ill(run: Run, world: World) -> None:
    world.parts.gateway.keepsakes.keep_epoch(7)

    assert "ill   epoch: 0 here, 7 at Stripe" in run("doctor").output

    run("worker", "--once")

    result = run("doctor")
    assert result.exit_code == 1
    assert "epoch: 0 here, 7 at Stripe, muted" in result.output
