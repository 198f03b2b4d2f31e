"""One person with two subscriptions: found, told to them and to staff, and never silently charged on."""

import json
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.asks.models import AskKind
from app.billing.doubled import list_charged, list_doubled, select_doubled
from app.billing.models import Subscription
from app.db import reading, transaction
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.projection.context import Context
from app.projection.doubled import tell_of_doubled
from tests.support.asking import ask
from tests.support.cast import ADA, BEN
from tests.support.compare import differences
from tests.support.world import World

FIVE, TEN = Money(500, "eur"), Money(1000, "eur")


@pytest.fixture
def both(world: World) -> tuple[str, str]:
    """Ada gave monthly in two tabs, under her address and under another spelling of it."""
    first, second = (world.open_session(world.form(ADA, amount)) for amount in (FIVE, TEN))
    world.pay(first, ADA)
    world.settle()
    world.stripe.advance(seconds=60)
    world.pay(second, ADA)
    world.settle()
    older, newer = sorted(world.rows(Subscription), key=lambda row: row.started_at)
    return older.stripe_subscription_id, newer.stripe_subscription_id


def told(world: World) -> list[QueuedMail]:
    return world.rows(QueuedMail, QueuedMail.kind == MailKind.second_subscription)


def doubled(world: World) -> dict[str, list[str]]:
    """Return, by member, whose subscriptions more than one will be charged again."""
    with reading(world.parts.sessions) as session:
        ids = [member_id for member_id in session.scalars(select_doubled()) if member_id]
        found = list_doubled(session, ids)
        for member_id, theirs in found.items():
            assert theirs == list_charged(session, member_id)
        return {str(key): [one.stripe_subscription_id for one in theirs] for key, theirs in found.items()}


def look_again(world: World, silent_before: datetime | None = None) -> None:
    with world.parts.sessions.begin() as session:
        for row in world.rows(Subscription):
            wanted = (ObjectType.subscription, row.stripe_subscription_id)
            want(session, wanted, now=utc_now(), silent_before=silent_before)
    world.come_through()


def test_a_second_subscription_is_told_to_its_member_once_and_shown_to_staff(
    world: World, both: tuple[str, str]
) -> None:
    look_again(world)

    (mail,) = told(world)
    assert (mail.about_id, mail.member_id) == (both[1], world.one(Member).id)
    matter = json.loads(mail.matter or "")
    assert [matter[which]["subscription"] for which in ("older", "newer")] == list(both)
    assert [matter[which]["amount_minor"] for which in ("older", "newer")] == [500, 1000]
    assert doubled(world) == {str(world.one(Member).id): list(both)}
    assert differences(world.parts.sessions, world.stripe) == []


def test_two_that_come_through_at_the_same_moment_are_found_by_the_later_one(
    world: World, both: tuple[str, str]
) -> None:
    member_id = world.one(Member).id
    with transaction(world.parts.sessions) as session:
        session.execute(sa.delete(QueuedMail).where(QueuedMail.kind == MailKind.second_subscription))
        session.execute(sa.update(Subscription).values(pause_behavior="void"))

    def come_through(session: Session, subscription_id: str) -> None:
        begun = sa.update(Subscription).where(Subscription.stripe_subscription_id == subscription_id)
        session.execute(begun.values(pause_behavior=None))
        context = Context(now=utc_now(), newsroom=world.parts.newsroom, vault=world.parts.vault)
        tell_of_doubled(session, subscription_id, member_id, context)

    def later() -> None:
        with transaction(world.parts.sessions) as session:
            come_through(session, both[1])

    with ThreadPoolExecutor(1) as beside:
        with transaction(world.parts.sessions) as session:
            come_through(session, both[0])
            done = beside.submit(later)
            wait([done], timeout=1)
        done.result(timeout=30)

    assert len(told(world)) == 1


def test_the_months_to_come_tell_nobody_again(world: World, both: tuple[str, str]) -> None:
    world.advance(days=65)
    world.settle()

    assert len(told(world)) == 1
    assert list(doubled(world).values()) == [list(both)]


@pytest.mark.parametrize("kind", [AskKind.cancel, AskKind.cancel_later])
def test_once_one_of_them_ends_or_is_to_end_nobody_pays_twice(
    world: World, both: tuple[str, str], kind: AskKind
) -> None:
    ask(world, kind, both[1])
    assert doubled(world) == {}

    world.advance(days=65)
    world.settle()

    charged = [one["amount"] for one in world.stripe.objects("charge")]
    assert sorted(charged) == [500, 500, 500, 1000]
    assert len(told(world)) == 1


def test_one_that_is_paused_is_not_charged_and_is_found_when_the_pause_is_over(world: World) -> None:
    world.give(ADA, FIVE)
    first = world.subscription_id()
    until = datetime.fromtimestamp(world.stripe.now(), UTC) + timedelta(days=20)
    ask(world, AskKind.pause, first, resumes_at=until)
    world.give(ADA, TEN)
    assert (doubled(world), told(world)) == ({}, [])

    world.advance(days=21)
    world.settle()

    assert [len(theirs) for theirs in doubled(world).values()] == [2]
    assert len(told(world)) == 1


def test_three_subscriptions_are_three_pairs(world: World, both: tuple[str, str]) -> None:
    assert both
    world.give(ADA, TEN, Interval.year)

    assert [len(theirs) for theirs in doubled(world).values()] == [3]
    assert len({mail.dedupe_key for mail in told(world)}) == 3


def test_two_people_with_one_each_are_no_concern(world: World) -> None:
    world.give(ADA, FIVE)
    world.give(BEN, FIVE)
    world.give(ADA, TEN, Interval.once)

    assert (doubled(world), told(world)) == ({}, [])


def test_one_that_ended_before_another_began_is_no_second_one(world: World) -> None:
    world.give(ADA, FIVE)
    ask(world, AskKind.cancel, world.subscription_id())
    world.give(ADA, TEN)

    assert (doubled(world), told(world)) == ({}, [])


def test_what_a_sweep_finds_is_shown_to_staff_and_mailed_to_nobody(world: World) -> None:
    world.give(ADA, FIVE)
    session_id = world.open_session(world.form(ADA, TEN))
    world.pay(session_id, ADA)
    world.collect()
    world.undelivered.clear()
    with world.parts.sessions.begin() as session:
        for kind in (ObjectType.payment_intent, ObjectType.subscription):
            name = kind.value
            for found in world.stripe.objects(name):
                want(
                    session,
                    (kind, found["id"]),
                    now=utc_now(),
                    silent_before=datetime(2100, 1, 1, tzinfo=UTC),
                )
    world.come_through()

    assert [len(theirs) for theirs in doubled(world).values()] == [2]
    assert told(world) == []
