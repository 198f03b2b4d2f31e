"""The commands that compare with Stripe, and those that mute and unmute."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
import structlog

from app.billing.models import Customer, Payment
from app.db import transaction
from app.flows import muting
from app.flows.sync import sync_at_once
from app.inbox.models import ObjectType
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
    world.parts.gateway.keepsakes.raise_epoch(7)

    assert "ill   epoch: 0 here, 7 at Stripe" in run("doctor").output

    run("worker", "--once")

    result = run("doctor")
    assert result.exit_code == 1
    assert "epoch: 0 here, 7 at Stripe, muted" in result.output


def test_unmuting_says_what_stands_in_the_way_and_can_leave_it_behind(run: Run, world: World) -> None:
    world.give(ADA)
    run("safety", "mute")
    run("stripe", "reconcile", "--full")
    intent_id = world.stripe.objects("payment_intent")[0]["id"]
    refund_id = world.v1.refunds.create({"payment_intent": intent_id}).id
    world.deliver()
    world.stripe.faults("fail_before", route="/v1/refunds/*", count=500)
    sync_at_once(muting.catching_up(world.parts), (ObjectType.refund, refund_id), now=utc_now())

    refused = run("safety", "unmute")

    assert refused.exit_code == 1
    assert "1 objects could not be brought in" in refused.output
    assert f"refund {refund_id}: StripeUnavailable" in refused.output
    assert "--even-though-unsynced" in refused.output
    with structlog.testing.capture_logs() as logged:
        assert run("safety", "unmute", "--even-though-unsynced").exit_code == 0
    assert [line["object_id"] for line in logged if line["event"] == "deployment.left_behind"] == [refund_id]
    assert "Not muted." in run("safety", "status").output


def test_no_override_stands_for_the_comparison_itself(run: Run) -> None:
    run("safety", "mute")

    result = run("safety", "unmute", "--even-though-unsynced")

    assert (result.exit_code, "no full comparison was finished" in result.output) == (1, True)


def test_what_comes_in_after_the_comparison_stands_in_no_way(run: Run, world: World) -> None:
    run("safety", "mute")
    run("stripe", "reconcile", "--full")
    world.v1.customers.create({"email": "ada@example.org"})
    world.deliver()

    assert run("safety", "unmute").exit_code == 0


def test_unmuting_what_speaks_already_says_so(run: Run) -> None:
    assert "It was not muted." in run("safety", "unmute").output


def test_every_command_refuses_a_key_of_another_account(run: Run, world: World) -> None:
    world.give(ADA)
    run("worker", "--once")
    world.stripe.reset()
    words = "opens another account, or another mode of it"

    for command in (
        "stripe reconcile --full",
        "stripe reconcile",
        "stripe backfill",
        "stripe retry",
        f"stripe sync {world.subscription_id()}",
        f"stripe refund {world.one(Payment).stripe_payment_intent_id}",
        "worker --once",
        "safety status",
        "safety unmute",
    ):
        result = run(*command.split())
        assert (result.exit_code, words in result.output) == (1, True), f"{command}: {result.output}"

    assert "ill   account: another one, or another mode of it" in run("doctor").output
    assert world.one(Customer).deleted_at is None
    assert run("safety", "take-account", "--yes").output == "Taken.\n"
    assert "another" not in run("doctor").output


def test_commands_that_bring_objects_in_say_that_the_database_is_muted(run: Run, world: World) -> None:
    world.give(ADA)
    run("safety", "mute")

    for command in ("stripe retry", f"stripe sync {world.subscription_id()}"):
        result = run(*command.split())
        assert (result.exit_code, "this database is muted" in result.output) == (1, True), result.output
