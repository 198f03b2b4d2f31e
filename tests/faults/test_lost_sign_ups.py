"""Stripe opened the page and its answer was lost: one charge, however late the reader asks again."""

import time

import pytest

from app.flows.give import AlreadyCompleted, CheckoutReady, CheckoutUncertain
from app.giving.forms import PledgeForm
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.cast import ADA
from tests.support.compare import differences
from tests.support.world import World

SESSIONS = "/v1/checkout/sessions"
LONGER_THAN_ONE_TRY_SECONDS = 7
MOST_LOOKS = 10
LOST = ("lost_answer", "reset", "fail_after", "hang")
PRUNED_DAYS = 1.1
"""Stripe forgets an idempotency key after a day."""


def send_until_it_opens(world: World, form: PledgeForm) -> str:
    """Send the form again until Stripe has done with the first request; returns the page's session."""
    for _ in range(MOST_LOOKS):
        opening = world.send(form)
        if isinstance(opening, CheckoutReady):
            return opening.url.rpartition("/")[2]
        time.sleep(1)
    raise AssertionError(f"it never opened: {opening}")


@pytest.mark.parametrize("interval", [Interval.month, Interval.once])
@pytest.mark.parametrize("days", [0, PRUNED_DAYS], ids=["kept", "pruned"])
@pytest.mark.parametrize("kind", LOST)
def test_a_page_whose_answer_was_lost_charges_once(
    world: World, kind: str, days: float, interval: Interval
) -> None:
    form = world.form(ADA, Money(2500, "eur"), interval)
    count = 1 if kind == "hang" else 2
    world.stripe.faults(kind, method="POST", route=SESSIONS, count=count, seconds=LONGER_THAN_ONE_TRY_SECONDS)
    assert isinstance(world.send(form), CheckoutUncertain)
    assert world.stripe.objects("checkout.session"), "Stripe has opened it"
    world.stripe.clear_faults()
    world.advance(days=days)

    world.pay(send_until_it_opens(world, form), ADA)
    world.settle()
    assert isinstance(world.send(form), AlreadyCompleted)
    assert len(world.stripe.objects("charge")) == 1
    assert len(world.stripe.objects("subscription")) == (interval is Interval.month)
    world.advance(days=2)
    assert [one["status"] for one in world.stripe.objects("checkout.session")].count("open") == 0
    world.settle()
    assert differences(world.parts.sessions, world.stripe) == []
