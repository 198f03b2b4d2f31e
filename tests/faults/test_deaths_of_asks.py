"""The process dies before or after any commit, request or answer of an ask: it is done in the end, once."""

import pytest

from app.asks.models import Ask, AskKind
from app.billing.models import Payment, Subscription
from app.flows.asking.ask import ask_stripe
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactKind, MembershipFact
from tests.faults.mortal import HOURS_LATER, Mortal, until_it_lives
from tests.support.asking import at_stripe, finish, wish
from tests.support.cast import ADA, reader
from tests.support.compare import differences
from tests.support.world import World

LEAST_EDGES = 8
"""Two commits and a request with its answer have that many: fewer would mean that nothing was watched."""


def die_asking(
    world: World, mortal: Mortal, nth: int, kind: AskKind, object_id: str, minor: int | None = None
) -> bool:
    """Die at the nth edge of an ask; whoever asked sends the form again, and the worker does the rest."""
    nonce, amount = new_nonce(), {} if minor is None else {"minor": minor}
    died = mortal.dies("ask", nth, edges=True, nonce=nonce, kind=kind.value, id=object_id, **amount)
    again = wish(
        kind,
        object_id,
        nonce=nonce,
        amount=None if minor is None else Money(minor, "eur"),
        interval=Interval.month if kind is AskKind.change_amount else None,
    )
    world.wait_and(lambda: ask_stripe(world.parts, again, now=utc_now()), hours=HOURS_LATER)
    finish(world)
    return died


def check_asks(world: World, count: int) -> None:
    """So many asks were made, each was done, and our rows are Stripe's."""
    asks = world.rows(Ask)
    assert len(asks) == count > LEAST_EDGES
    assert all(one.done_at for one in asks)
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_refund_whose_process_died_is_made_once(world: World, mortal: Mortal) -> None:
    world.give(ADA, Money(5000, "eur"), Interval.once)
    intent_id = world.one(Payment).stripe_payment_intent_id

    deaths = until_it_lives(
        lambda nth: die_asking(world, mortal, nth, AskKind.refund, intent_id, minor=10 + nth)
    )

    check_asks(world, deaths + 1)
    given_back = [one["amount"] for one in world.stripe.objects("refund")]
    assert given_back == [10 + nth for nth in range(1, deaths + 2)]


def test_a_change_of_amount_whose_process_died_is_made_once(world: World, mortal: Mortal) -> None:
    world.give(ADA)
    subscription_id = world.subscription_id()

    def dies(nth: int) -> bool:
        minor = 200 + 100 * nth
        died = die_asking(world, mortal, nth, AskKind.change_amount, subscription_id, minor=minor)
        assert world.one(Subscription).amount_minor == minor
        return died

    deaths = until_it_lives(dies)

    check_asks(world, deaths + 1)
    raised = world.rows(MembershipFact, MembershipFact.kind == FactKind.raised)
    assert [fact.amount_minor for fact in raised] == [200 + 100 * nth for nth in range(1, deaths + 2)]


@pytest.mark.parametrize("kind", [AskKind.cancel, AskKind.cancel_later])
def test_an_end_whose_process_died_comes_once(world: World, mortal: Mortal, kind: AskKind) -> None:
    def dies(nth: int) -> bool:
        world.give(reader(nth))
        newest = world.rows(Subscription)[-1].stripe_subscription_id
        died = die_asking(world, mortal, nth, kind, newest)
        there = at_stripe(world, newest)
        assert there["status"] == ("canceled" if kind is AskKind.cancel else "active")
        assert there["cancel_at"] or there["ended_at"]
        return died

    deaths = until_it_lives(dies)

    check_asks(world, deaths + 1)
    ended = world.rows(MembershipFact, MembershipFact.kind == FactKind.ended)
    assert len(ended) == (deaths + 1 if kind is AskKind.cancel else 0)
