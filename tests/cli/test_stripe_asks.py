"""What staff ask Stripe by command: it says what came of it, and the worker finishes the rest."""

import re
from datetime import datetime

import pytest
import time_machine
from click.testing import Result

from app.asks.models import Ask, AskedBy, AskKind
from app.billing.models import Payment, Subscription
from app.billing.statuses import SubscriptionStatus
from app.kernel.clock import from_timestamp, months_after
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.receipts.models import Receipt
from tests.cli.conftest import Run
from tests.support.asking import at_stripe, charged
from tests.support.cast import ADA
from tests.support.world import World

COMMANDS = ("refund", "cancel", "keep", "change-amount", "pause", "resume")
TEN = Money(1000, "eur")


def fine(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def failed(result: Result) -> str:
    assert result.exit_code == 1, result.output
    return result.output


@pytest.fixture
def support(world: World) -> str:
    """Ada gives ten euros a month; returns the subscription."""
    world.give(ADA, TEN)
    return world.subscription_id()


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_shows_an_example(run: Run, word: str) -> None:
    example = fine(run("stripe", word, "--help")).partition("Example:")[2]

    assert f"flask stripe {word}" in example


@pytest.mark.usefixtures("support")
def test_a_payment_is_refunded_by_its_receipts_number(run: Run, world: World) -> None:
    number = world.one(Receipt).number

    output = fine(run("stripe", "refund", number, "--amount", "2.50"))

    (made,) = world.stripe.objects("refund")
    assert output == f"Refunded as {made['id']}.\n"
    assert made["amount"] == 250
    assert (world.one(Ask).asked_by, world.one(Ask).staff_id) == (AskedBy.staff, None)


@pytest.mark.usefixtures("support")
def test_a_payment_is_refunded_by_its_id_and_never_beyond_what_is_left(run: Run, world: World) -> None:
    intent_id = world.one(Payment).stripe_payment_intent_id

    fine(run("stripe", "refund", intent_id, "--amount", "8"))
    output = failed(run("stripe", "refund", intent_id, "--amount", "2.01"))

    assert "Only €2.00 is left to refund." in output
    fine(run("stripe", "refund", intent_id))
    assert [one["amount"] for one in world.stripe.objects("refund")] == [800, 200]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("refund", "HC-2026-999999"), "No payment HC-2026-999999 is known here."),
        (("refund", "pi_unknown"), "No payment pi_unknown is known here."),
        (("cancel", "sub_unknown"), "No subscription sub_unknown is known here."),
    ],
)
def test_what_is_not_known_is_said_so(run: Run, words: tuple[str, ...], said: str) -> None:
    assert said in failed(run("stripe", *words))


@pytest.mark.parametrize(
    ("amount", "said"),
    [("lots", "not an amount in eur"), ("0.10", "at least"), ("999999", "at most")],
)
def test_an_amount_the_newsroom_does_not_take_is_refused(
    run: Run, world: World, support: str, amount: str, said: str
) -> None:
    assert said in failed(run("stripe", "change-amount", support, amount))
    assert world.rows(Ask) == []


def test_support_is_changed_paused_resumed_canceled_and_kept(run: Run, world: World, support: str) -> None:
    assert "7.50 eur by the month" in fine(run("stripe", "change-amount", support, "7.50"))
    assert "Paused until " in fine(run("stripe", "pause", support, "--months", "3", "--yes"))
    assert at_stripe(world, support)["pause_collection"]["behavior"] == "void"
    assert "charged again" in fine(run("stripe", "resume", support))
    assert "no more" in fine(run("stripe", "cancel", support))
    assert at_stripe(world, support)["cancel_at_period_end"]
    assert "goes on" in fine(run("stripe", "keep", support))

    world.settle()
    world.advance(days=32)
    world.settle()
    assert charged(world) == [1000, 750]


def test_a_pause_over_a_yearly_renewal_says_that_the_year_is_skipped_and_asks(run: Run, world: World) -> None:
    world.give(ADA, Money(6000, "eur"), Interval.year)
    support = world.subscription_id()
    world.advance(days=330)
    world.settle()
    (first, second) = (f"{row.year}" for row in yearly_charges(world))
    words = ("stripe", "pause", support, "--months", "3")

    with time_machine.travel(from_timestamp(world.stripe.now()), tick=True):
        refused = run(*words, input="n\n")
        nothing_asked = world.rows(Ask) == []
        meant = fine(run(*words, input="y\n"))

    assert (refused.exit_code, nothing_asked) == (1, True)
    for said in (refused.output, meant):
        assert re.search(rf"Skipped until .*:\n  {first}-\d\d-\d\d  60 eur\n", said)
        assert re.search(rf"The next charge after it: {second}-\d\d-\d\d  60 eur.", said)
        assert "Pause it? [y/N]" in said
    assert "Paused until " in meant
    assert at_stripe(world, support)["pause_collection"]["behavior"] == "void"


def yearly_charges(world: World) -> list[datetime]:
    due = world.one(Subscription).current_period_end
    assert due
    return [due, months_after(due, 12)]


def test_a_pause_names_every_month_it_skips_and_what_is_voided(run: Run, world: World, support: str) -> None:
    world.change_card(support, "tok_chargeCustomerFail")
    world.advance(days=32)
    world.settle()
    words = ("stripe", "pause", support, "--months", "3", "--yes")

    with time_machine.travel(from_timestamp(world.stripe.now()), tick=True):
        said = fine(run(*words))

    assert "Owed now, and voided: 10 eur." in said
    assert said.count("  10 eur\n") == 3
    assert "Pause it?" not in said


def test_a_pause_that_skips_nothing_and_one_before_an_end_say_so(
    run: Run, world: World, support: str
) -> None:
    fine(run("stripe", "change-amount", support, "60", "--interval", "year"))
    world.settle()
    world.advance(days=40)
    world.settle()
    words = ("stripe", "pause", support, "--months", "1", "--yes")

    with time_machine.travel(from_timestamp(world.stripe.now()), tick=True):
        assert "No charge is skipped." in fine(run(*words))
        fine(run("stripe", "cancel", support))
        world.settle()
        assert "No charge comes after it." in fine(run(*words))


def test_support_can_be_charged_by_another_interval(run: Run, world: World, support: str) -> None:
    output = fine(run("stripe", "change-amount", support, "60", "--interval", "year"))

    world.settle()
    assert "60 eur by the year" in output
    assert world.one(Subscription).interval is Interval.year


def test_support_can_be_ended_at_once(run: Run, world: World, support: str) -> None:
    fine(run("stripe", "cancel", support, "--now"))

    assert "already_ended" in failed(run("stripe", "resume", support))
    world.settle()
    assert world.one(Subscription).status is SubscriptionStatus.canceled


@pytest.mark.usefixtures("support")
def test_what_stripe_does_not_answer_is_finished_by_the_worker(run: Run, world: World) -> None:
    world.stripe.faults("fail_before", method="POST", route="/v1/refunds", count=2)
    output = failed(run("stripe", "refund", world.one(Receipt).number))
    assert "Stripe has not answered" in output
    assert world.stripe.objects("refund") == []

    world.wait_and(lambda: fine(run("worker", "--once")), hours=1)

    assert [one["amount"] for one in world.stripe.objects("refund")] == [1000]
    assert world.one(Ask, Ask.kind == AskKind.refund).done_at


def test_a_repeated_worker_finds_nothing_left_to_ask(run: Run, world: World, support: str) -> None:
    fine(run("stripe", "cancel", support))
    world.settle()

    fine(run("worker", "--once"))

    assert run("worker", "--once").output == "0 done.\n"


def test_an_ask_that_a_newer_one_followed_is_refused_in_words(run: Run, world: World, support: str) -> None:
    newer = "ffffffff-ffff-7fff-bfff-ffffffffffff"
    world.v1.subscriptions.update(support, {"metadata": {"ask_end": newer}})

    output = failed(run("stripe", "cancel", support))

    assert "Something newer was asked for and done since; that one holds. Nothing was changed." in output
    assert at_stripe(world, support)["cancel_at"] is None
