"""What a preview says is what Stripe then charges: the amount, the second, and the one after.

Ten readers at a time begin, change something and go on, on dates thrown by a seed; month ends, leap days
and the last minutes of a day come up often. SF_CHANGES_SEED=0 throws another seed,
and SF_CHANGES_ROUNDS tells how often.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest

from app.billing.course import Charge
from app.billing.models import Subscription
from app.flows.asking.ask import AskOutcome
from app.flows.manage import changes
from app.flows.manage.changes import Asking, ChangeRefused, Press, Preview
from app.flows.manage.support import Supported
from app.kernel.clock import from_timestamp
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.vault.vault import PersonInClear
from tests.support.world import World

READERS = 10
ROUNDS = int(os.environ.get("SF_CHANGES_ROUNDS", "1"))
UNTAKEN = dict.fromkeys(("same", "paused", "too_far", "under_way"))
AWKWARD_DAYS = (date(2027, 12, 31), date(2028, 1, 30), date(2028, 1, 31), date(2028, 2, 29))
AWKWARD_TIMES = (time(21, 59), time(22, 30), time(22, 59), time(23, 0), time(23, 59), time(0, 0))
FIRST_DAY = date(2027, 12, 28)
LAST_DAY = date(2031, 4, 15)


@dataclass(kw_only=True)
class Support:
    """One reader's support, and what was foretold of it."""

    subscription_id: str
    interval: Interval
    change_at: datetime
    told: list[tuple[datetime, int]] | None = None
    what: str = ""


def seed() -> int:
    given = int(os.environ.get("SF_CHANGES_SEED", "2027"))
    return given or random.SystemRandom().randrange(1, 10**6)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_every_preview_comes_true_to_the_second_and_the_cent(world: World, round_: int) -> None:
    """Edges 13, 14 and 15, for whatever is changed."""
    dice = random.Random(seed() + round_)
    world.set_clock(f"{FIRST_DAY}T00:00:00")

    supports = list(begin(world, dice))
    for support in sorted(supports, key=lambda one: one.change_at):
        world.advance_to(support.change_at)
        world.settle()
        change(world, support, dice)
    world.advance_to(datetime.combine(LAST_DAY, time(), tzinfo=UTC))

    untrue = [
        (support.what, support.told, happened(world, support))
        for support in supports
        if support.told is not None and support.told != happened(world, support)[: len(support.told)]
    ]
    assert untrue == [], f"seed {seed()}"
    assert sum(bool(support.told) for support in supports) > READERS / 2


def begin(world: World, dice: random.Random) -> Iterator[Support]:
    for number, at in enumerate(sorted(awkward_instant(dice) for _ in range(READERS))):
        world.advance_to(at)
        reader = PersonInClear(address=f"reader{number}@example.org", name=None)
        interval = dice.choice((Interval.month, Interval.month, Interval.year))
        known = {row.stripe_subscription_id for row in world.rows(Subscription)}
        world.give(reader, Money(dice.choice((500, 1000)), "eur"), interval)
        (new,) = {row.stripe_subscription_id for row in world.rows(Subscription)} - known
        later = datetime(2028, 3, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(60 * 24 * 60))
        yield Support(subscription_id=new, interval=interval, change_at=later)


def awkward_instant(dice: random.Random) -> datetime:
    on = dice.choice((*AWKWARD_DAYS, FIRST_DAY + timedelta(days=dice.randrange(1, 60))))
    at = dice.choice((*AWKWARD_TIMES, time(dice.randrange(24), dice.randrange(60))))
    return datetime.combine(on, at, tzinfo=UTC)


def change(world: World, support: Support, dice: random.Random) -> None:
    """Change something, and keep what the preview said; perhaps twice."""
    now = from_timestamp(world.stripe.now())
    for _ in range(dice.choice((1, 1, 2))):
        asking, what = any_change(world, dice, now)
        row = world.one(Subscription, Subscription.stripe_subscription_id == support.subscription_id)
        assert row.member_id
        seen = changes.look(world.parts, row.id, member_id=row.member_id, now=now)
        foretold = preview(seen, asking)
        if foretold is None:
            continue
        press = Press(support_id=row.id, member_id=row.member_id, seen=seen.seen, nonce=new_nonce())
        asked = changes.ask_for_change(world.parts, press, asking, now=now)
        assert asked.outcome is AskOutcome.done, (what, asked)
        if dice.random() < 0.5:
            world.settle()
        support.what += f"{now:%F %T} {what}; "
        support.told = told(foretold, now)


def preview(seen: Supported, asking: Asking) -> Preview | None:
    """Return what is foretold; None where the change is none, or not to be had at this moment."""
    try:
        return changes.preview(seen, asking)
    except ChangeRefused as refused:
        return UNTAKEN[refused.code]


def any_change(world: World, dice: random.Random, now: datetime) -> tuple[Asking, str]:
    gift, interval = Money(dice.choice((300, 700, 1500)), "eur"), dice.choice((Interval.month, Interval.year))
    day, months = dice.choice((1, 15, 28, 29, 30, 31)), dice.randrange(1, 13)
    return dice.choice(
        (
            (changes.another_amount(world.parts, gift, interval), f"{gift} each {interval}"),
            (changes.another_day(world.parts, day, now=now), f"day {day}"),
            (changes.pause(months, now=now), f"pause {months}"),
            (changes.skip, "skip"),
            (changes.go_on, "go on"),
        )
    )


def told(foretold: Preview, now: datetime) -> list[tuple[datetime, int]]:
    """Return what was foretold, in the order it is charged; what a draft comes to first."""
    charged = [(one.charged_at.replace(microsecond=0), one.amount.minor) for one in foretold.charges]
    if foretold.pending:
        return [(now, foretold.pending.minor), *charged]
    return charged


def happened(world: World, support: Support) -> list[tuple[datetime, int]]:
    """Return what Stripe charged after the change."""
    (subscription,) = (
        one for one in world.stripe.objects("subscription") if one["id"] == support.subscription_id
    )
    return [
        (from_timestamp(one["created"]), one["amount"])
        for one in world.stripe.objects("charge")
        if one["customer"] == subscription["customer"] and from_timestamp(one["created"]) > support.change_at
    ]


def test_a_charge_is_told_for_the_day_it_is_made_on() -> None:
    """Edge 14: a period that begins at 23:59 is charged an hour later, on the next day."""
    charge = Charge(due_at=datetime(2027, 1, 31, 23, 59, tzinfo=UTC), amount=Money(500, "eur"))

    assert charge.charged_at == datetime(2027, 2, 1, 0, 59, tzinfo=UTC)
