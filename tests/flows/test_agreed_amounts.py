"""What the reader agreed to is what is charged month by month, and what they change it to from then on."""

import pytest

from app.asks.models import AskKind
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import ask, charged
from tests.support.cast import ADA
from tests.support.world import World

AGREED = [
    (Money(1999, "eur"), Money(1999 + 61, "eur")),
    (Money(1500, "kwd"), Money(1560, "kwd")),
    (Money(800, "jpy"), Money(829, "jpy")),
]
"""A gift, and the same one with its fee covered: odd amounts that nothing may round."""


@pytest.mark.parametrize(("amount", "with_fee"), AGREED)
def test_edge_6_a_gift_that_covers_its_fee_is_charged_as_agreed_also_after_a_change(
    world: World, amount: Money, with_fee: Money
) -> None:
    """Edge 6: what the reader agreed to is what is charged, also after they change the amount."""
    world.give(ADA, amount)
    ask(world, AskKind.change_amount, world.subscription_id(), amount=with_fee, interval=Interval.month)

    for _ in range(2):
        world.advance(days=31)
    world.settle()

    assert charged(world) == [amount.minor, with_fee.minor, with_fee.minor]
