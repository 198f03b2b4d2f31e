"""What workers do by the clock: one of them each time, a page at a time, and on after any break."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import structlog
import time_machine

from app.billing.models import Subscription
from app.billing.statuses import SubscriptionStatus
from app.db import transaction
from app.flows import muting, notices
from app.flows.duties import turn_of
from app.flows.notices import give_notice_daily
from app.flows.regular import RegularWork
from app.inbox.models import InboxEvent
from app.kernel.clock import utc_now
from app.receipts.models import Receipt
from app.reconciliation.cursors import claim_turn
from app.reconciliation.models import BalanceCheck, Sweep, SweepKind
from tests.support.cast import ADA
from tests.support.world import World

LATER = timedelta(days=8)


def work_through(work: RegularWork, *, most: int = 60) -> int:
    """Take turns until nothing is due; returns how many were taken."""
    for taken in range(most):
        if not work.turn():
            return taken
    raise AssertionError("it never rested")


def begun(world: World) -> RegularWork:
    """A worker that has looked once: from then on the clock counts."""
    work = RegularWork(world.parts, look_seconds=0)
    work_through(work)
    return work


def test_events_that_no_webhook_brought_are_taken_in_after_five_minutes(world: World) -> None:
    work = begun(world)
    world.pay(world.open_session(world.form(ADA)), ADA)

    world.wait_and(lambda: work_through(work), hours=0.1)

    assert world.rows(InboxEvent)
    world.come_through()
    assert len(world.rows(Receipt)) == 1


def test_a_week_later_everything_is_compared_a_page_at_each_turn(world: World) -> None:
    work = begun(world)
    world.give(ADA)
    world.stripe.faults("lose_event", route="*", count=99)
    world.v1.subscriptions.cancel(world.subscription_id())

    with time_machine.travel(utc_now() + LATER, tick=True):
        before = len(world.stripe.requests())
        assert work.turn()
        first_turn = len(world.stripe.requests()) - before
        work_through(work)
        world.work()

    assert first_turn < 6
    assert world.one(Subscription).status is SubscriptionStatus.canceled
    kinds = {sweep.kind for sweep in world.rows(Sweep) if sweep.finished_at}
    assert kinds == {SweepKind.full, SweepKind.recent}
    assert world.one(BalanceCheck).ours_minor == world.one(BalanceCheck).theirs_minor


def test_of_two_workers_one_alone_leads_a_sweep(world: World) -> None:
    one, other = begun(world), begun(world)

    with time_machine.travel(utc_now() + LATER, tick=True):
        for _ in range(40):
            one.turn()
            other.turn()

    assert sorted(sweep.kind for sweep in world.rows(Sweep)) == [SweepKind.full, SweepKind.recent]


def test_a_sweep_whose_worker_died_is_gone_on_with_by_another(world: World) -> None:
    world.give(ADA)
    dying, heir = begun(world), RegularWork(world.parts, look_seconds=0)
    with time_machine.travel(utc_now() + LATER, tick=True):
        for _ in range(4):
            dying.turn()
    (broken_off,) = world.rows(Sweep)

    with time_machine.travel(utc_now() + LATER + timedelta(minutes=5), tick=True):
        work_through(heir)

    finished = {sweep.id: sweep for sweep in world.rows(Sweep)}[broken_off.id]
    assert finished.finished_at is not None


def test_a_stripe_that_is_away_puts_a_sweep_off_and_keeps_its_place(world: World) -> None:
    work = begun(world)
    with time_machine.travel(utc_now() + LATER, tick=True):
        for _ in range(3):
            work.turn()
        (before,) = world.rows(Sweep)
        world.stripe.faults("fail_before", route="*", count=99)
        assert not work.turn()

    (after,) = world.rows(Sweep)
    assert after.position == before.position
    assert "StripeUnavailable" in (after.last_error or "")


def test_numbers_that_no_mail_carried_are_kept_at_stripe(world: World) -> None:
    world.give(ADA)

    world.wait_and(lambda: work_through(begun(world)), hours=0)
    world.wait_and(lambda: work_through(begun(world)), hours=0.1)

    (intent,) = world.stripe.objects("payment_intent")
    assert intent["metadata"]["receipt"] == world.one(Receipt).number


def test_the_count_goes_up_once_an_hour(world: World) -> None:
    work = begun(world)
    before = muting.look(world.parts).epoch

    world.wait_and(lambda: work_through(work), hours=1.1)
    world.wait_and(lambda: work_through(work), hours=1.2)

    assert muting.look(world.parts).epoch == before + 1


def test_a_turn_is_one_workers_alone(world: World) -> None:
    now = utc_now()
    claims = []
    for at in (now, now, now + timedelta(minutes=6), now + timedelta(minutes=6)):
        with transaction(world.parts.sessions) as session:
            claims.append(claim_turn(session, "a task", every=timedelta(minutes=5), now=at))

    assert claims == [True, False, True, False]


def kinds_begun(world: World) -> set[SweepKind]:
    return {sweep.kind for sweep in world.rows(Sweep)}


def test_a_duty_that_stripe_lets_nobody_do_stops_no_other(world: World) -> None:
    work = begun(world)
    world.give(ADA)
    world.stripe.faults("fail_before", method="POST", route="/v1/payment_intents/*", count=99)

    with time_machine.travel(utc_now() + LATER, tick=True), structlog.testing.capture_logs() as logs:
        assert work.turn()

    assert ("duty.put_off", "numbers") in [(line["event"], line.get("duty")) for line in logs]
    assert kinds_begun(world) == {SweepKind.full}


def test_a_duty_that_fails_by_a_fault_of_ours_stops_no_other(world: World) -> None:
    begun(world)
    broken = RegularWork(replace(world.parts, newsroom=cast("Any", None)), look_seconds=0)

    with time_machine.travel(utc_now() + LATER, tick=True), structlog.testing.capture_logs() as logs:
        work_through(broken)

    failed = [line for line in logs if line["event"] == "duty.failed"]
    assert {(line["duty"], line["error"]) for line in failed} == {
        (duty, "AttributeError") for duty in ("notices", "gifts")
    }
    assert kinds_begun(world) == {SweepKind.full, SweepKind.recent}
    assert all(sweep.finished_at for sweep in world.rows(Sweep))


def test_a_weekly_duty_that_failed_is_tried_again_within_minutes(world: World) -> None:
    work = begun(world)
    world.stripe.faults("fail_before", route="/v1/events", count=99)
    with time_machine.travel(utc_now() + LATER, tick=True):
        work_through(work)
    assert kinds_begun(world) == set()
    world.stripe.clear_faults()

    with time_machine.travel(utc_now() + LATER + timedelta(minutes=2), tick=True):
        work_through(work)

    assert kinds_begun(world) == {SweepKind.full, SweepKind.recent}


def test_the_notices_of_a_day_that_failed_are_given_on_the_same_day(world: World) -> None:
    broken = replace(world.parts, newsroom=cast("Any", None))
    now = utc_now()
    with pytest.raises(AttributeError):
        give_notice_daily(broken, now=now)

    soon = now + timedelta(minutes=2)
    with turn_of(world.parts, notices.TURN, every=notices.EVERY, now=soon) as is_ours:
        assert is_ours
