"""Money given back because staff asked: as much as was asked, once, and never more than there is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.asks.models import Ask, AskedBy, AskKind
from app.asks.rules import AskRefused, NonceTaken
from app.billing.models import Payment, Refund
from app.flows.asking.ask import AskOutcome, ask_stripe, carry_out
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import DAY_AND_A_BIT, ask, finish, place, wish
from tests.support.cast import ADA, DAN, REFUND_FAILS
from tests.support.compare import differences
from tests.support.world import World

REFUNDS = "/v1/refunds"
GIVEN = Money(3000, "eur")


def gift(world: World, *, card: str = "4242424242424242") -> str:
    world.give(ADA, GIVEN, Interval.once, card=card)
    return world.one(Payment).stripe_payment_intent_id


def refunds(world: World) -> list[int]:
    """The amounts Stripe has given back, oldest first."""
    return [one["amount"] for one in world.stripe.objects("refund")]


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(AskRefused) as caught:
        yield
    assert caught.value.code == code


def test_a_refund_without_an_amount_gives_all_back(world: World) -> None:
    intent_id = gift(world)

    asked = ask(world, AskKind.refund, intent_id, asked_by=AskedBy.staff)

    assert asked.outcome is AskOutcome.done
    assert refunds(world) == [3000]
    assert world.one(Refund).stripe_refund_id == asked.result_id
    assert world.one(Payment).amount_refunded_minor == 3000
    assert differences(world.parts.sessions, world.stripe) == []


def test_two_refunds_in_part_are_two_asks(world: World) -> None:
    intent_id = gift(world)

    for minor in (1000, 500):
        ask(world, AskKind.refund, intent_id, amount=Money(minor, "eur"))

    assert refunds(world) == [1000, 500]
    assert world.one(Payment).amount_refunded_minor == 1500
    assert differences(world.parts.sessions, world.stripe) == []


def test_the_same_form_sent_twice_gives_back_once(world: World) -> None:
    intent_id = gift(world)
    form = wish(AskKind.refund, intent_id, amount=Money(1000, "eur"))

    first, second = (ask_stripe(world.parts, form, now=utc_now()) for _ in range(2))

    assert first == second
    assert refunds(world) == [1000]


def test_a_form_is_good_for_one_thing_only(world: World) -> None:
    intent_id = gift(world)
    form = wish(AskKind.refund, intent_id)
    ask_stripe(world.parts, form, now=utc_now())

    with pytest.raises(NonceTaken):
        ask_stripe(world.parts, wish(AskKind.cancel, "sub_1", nonce=form.nonce), now=utc_now())


def test_the_metadata_of_a_refund_holds_the_asks_id_and_nothing_else(world: World) -> None:
    asked = ask(world, AskKind.refund, gift(world))

    (made,) = world.stripe.objects("refund")
    assert made["metadata"] == {"ask": str(asked.ask_id)}


def test_more_than_is_left_is_refused_before_stripe_is_asked(world: World) -> None:
    intent_id = gift(world)
    ask(world, AskKind.refund, intent_id, amount=Money(2500, "eur"))
    before = len(world.stripe.requests())

    with refused("more_than_left"):
        ask(world, AskKind.refund, intent_id, amount=Money(501, "eur"))

    asked_for = [one["route"] for one in world.stripe.requests()[before:]]
    assert REFUNDS not in asked_for
    assert len(world.rows(Ask)) == 1


def test_what_was_asked_for_and_is_not_seen_yet_counts_as_gone(world: World) -> None:
    intent_id = gift(world)
    place(world, AskKind.refund, intent_id, amount=Money(2000, "eur"))

    with refused("more_than_left"):
        place(world, AskKind.refund, intent_id, amount=Money(1500, "eur"))

    finish(world)
    assert refunds(world) == [2000]


def test_a_payment_refunded_in_full_is_not_refunded_again(world: World) -> None:
    intent_id = gift(world)
    ask(world, AskKind.refund, intent_id)

    with refused("charge_already_refunded"):
        ask(world, AskKind.refund, intent_id)


def test_a_refund_that_came_back_can_be_made_again(world: World) -> None:
    intent_id = gift(world, card=REFUND_FAILS)
    ask(world, AskKind.refund, intent_id)
    world.advance(days=0.1)
    world.settle()

    ask(world, AskKind.refund, intent_id)

    assert refunds(world) == [3000, 3000]


def test_another_currency_is_refused(world: World) -> None:
    intent_id = gift(world)

    with refused("currency_mismatch"):
        ask(world, AskKind.refund, intent_id, amount=Money(100, "usd"))


def test_what_was_never_paid_cannot_be_given_back(world: World) -> None:
    session_id = world.open_session(world.form(DAN, GIVEN, Interval.once))
    with pytest.raises(Exception, match="declined"):
        world.pay(session_id, DAN, card="4000000000000002")
    world.settle()

    with refused("not_paid"):
        ask(world, AskKind.refund, world.one(Payment).stripe_payment_intent_id)
    with refused("unknown_payment"):
        ask(world, AskKind.refund, "pi_unknown")


def test_a_payment_the_bank_takes_back_is_not_refunded_as_well(world: World) -> None:
    intent_id = gift(world)
    dispute(world)
    world.settle()
    before = len(world.stripe.requests())

    with refused("charge_disputed"):
        ask(world, AskKind.refund, intent_id)

    assert REFUNDS not in [one["route"] for one in world.stripe.requests()[before:]]


def test_a_payment_the_bank_only_asks_about_can_be_refunded(world: World) -> None:
    intent_id = gift(world)
    dispute(world, inquiry=True)
    world.settle()

    assert ask(world, AskKind.refund, intent_id).outcome is AskOutcome.done


def dispute(world: World, **fields: Any) -> None:
    (charge,) = world.stripe.objects("charge")
    world.stripe.door("disputes", {"charge": charge["id"], **fields})


def test_a_dispute_we_have_not_heard_of_is_stripes_to_refuse(world: World) -> None:
    intent_id = gift(world)
    dispute(world)

    asked = ask_stripe(world.parts, wish(AskKind.refund, intent_id), now=utc_now())

    assert (asked.outcome, asked.code) == (AskOutcome.refused, "charge_disputed")
    assert refunds(world) == []


@pytest.mark.parametrize("kind", ["lost_answer", "reset", "fail_after", "fail_before"])
def test_a_lost_answer_never_gives_back_twice(world: World, kind: str) -> None:
    intent_id = gift(world)
    world.stripe.faults(kind, method="POST", route=REFUNDS, count=2)

    ask(world, AskKind.refund, intent_id, amount=Money(1000, "eur"))
    finish(world)

    assert refunds(world) == [1000]
    assert world.one(Ask).done_at
    assert world.one(Ask).stripe_result_id == world.one(Refund).stripe_refund_id
    assert differences(world.parts.sessions, world.stripe) == []


@pytest.mark.parametrize("kind", ["lost_answer", "fail_after"])
def test_a_lost_answer_is_found_even_after_its_key_was_pruned(world: World, kind: str) -> None:
    intent_id = gift(world)
    world.stripe.faults(kind, method="POST", route=REFUNDS, count=2)
    asked = ask(world, AskKind.refund, intent_id, amount=Money(1000, "eur"))
    assert asked.outcome is AskOutcome.waiting

    world.advance(days=DAY_AND_A_BIT)
    finish(world)

    assert refunds(world) == [1000]
    assert world.one(Ask).done_at


def test_an_ask_is_found_among_many_refunds_of_one_payment(world: World) -> None:
    intent_id = gift(world)
    world.stripe.faults("lost_answer", method="POST", route=REFUNDS, count=2)
    asked = ask(world, AskKind.refund, intent_id, amount=Money(1000, "eur"))
    for _ in range(101):
        world.v1.refunds.create({"payment_intent": intent_id, "amount": 1})
    world.advance(days=DAY_AND_A_BIT)

    again = carry_out(world.parts, asked.ask_id)

    assert again.outcome is AskOutcome.done
    assert refunds(world).count(1000) == 1
