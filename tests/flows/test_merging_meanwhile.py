"""Two records become one while something else is being written about either of them."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from app.asks.models import AskedBy
from app.billing.models import Customer, Payment, Subscription
from app.db import reading, transaction
from app.flows.entitlement import entitlement_of
from app.flows.gifts.claim import ClaimedGift, claim_by_link
from app.flows.people.erase import erase
from app.flows.people.merge import MergeRefused, merge
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.entitlement import EntitlementReason
from app.members.models import Member
from app.vault.models import Person
from app.vault.vault import PersonInClear
from tests.support.cast import ADA, DAN
from tests.support.gifts import ask_for, claim_token_in, give_gift
from tests.support.mail import MailCatcher
from tests.support.world import World

TEN = Money(1000, "eur")
AT_WORK = PersonInClear(address="ada.adler@work.example", name=None)
"""Ada again, by the address she has at work."""


@pytest.fixture
def two(world: World) -> tuple[Member, Member]:
    """Ada gives monthly by the address she has at work, and gave once by her own."""
    world.give(AT_WORK)
    world.give(ADA, TEN, Interval.once)
    at_work, ada = world.rows(Member)
    return ada, at_work


@contextmanager
def meanwhile(
    world: World, two: tuple[Member, Member], act: Callable[[], object], *, held: sa.Select[Any]
) -> Iterator[tuple[Future[None], Future[object]]]:
    """Yield a merge, and something that began while it was under way, both done.

    Args: held: the row that both of them need and have to wait for, the merge first.
    """
    kept, merged = two
    with ThreadPoolExecutor(2) as beside:
        with transaction(world.parts.sessions) as session:
            session.execute(held.with_for_update())
            merging = beside.submit(merge, world.parts, kept.code, merged.code, merged_by=None, now=utc_now())
            wait([merging], timeout=1)
            acting = beside.submit(act)
            wait([acting], timeout=1)
        wait([merging], timeout=60)
        wait([acting], timeout=60)
        yield merging, acting


def row_of(member: Member) -> sa.Select[Any]:
    return sa.select(Member.id).where(Member.id == member.id)


def test_a_gift_that_is_claimed_meanwhile_is_of_the_kept_record(
    world: World, mails: MailCatcher, two: tuple[Member, Member]
) -> None:
    ask_for(world, give_gift(world, DAN), AT_WORK)
    world.send_mail()
    token = claim_token_in(mails.messages[-1])

    def claim() -> object:
        return claim_by_link(world.parts, token, now=utc_now())

    with meanwhile(world, two, claim, held=row_of(two[1])) as (merging, claiming):
        merging.result()
        assert isinstance(claiming.result(), ClaimedGift)

    with reading(world.parts.sessions) as session:
        answer = entitlement_of(session, two[0].id, newsroom=world.parts.newsroom, now=utc_now())
    assert answer.reason is EntitlementReason.gift


def test_a_payment_that_comes_meanwhile_is_of_the_kept_record(
    world: World, two: tuple[Member, Member]
) -> None:
    session_id = world.open_session(world.form(AT_WORK, TEN, Interval.once))
    world.pay(session_id, AT_WORK)
    world.deliver()

    with meanwhile(world, two, world.work, held=row_of(two[1])) as (merging, working):
        merging.result()
        working.result()
    world.come_through()

    assert {row.member_id for row in world.rows(Payment)} == {two[0].id}
    assert {row.member_id for row in world.rows(Customer)} == {two[0].id}


def test_a_subscription_that_is_looked_at_meanwhile_is_of_the_kept_record(
    world: World, two: tuple[Member, Member]
) -> None:
    with transaction(world.parts.sessions) as session:
        want(session, (ObjectType.subscription, world.subscription_id()), now=utc_now())

    with meanwhile(world, two, world.work, held=sa.select(Subscription.id)) as (merging, working):
        merging.result()
        working.result()

    assert world.one(Subscription).member_id == two[0].id


def test_who_is_erased_meanwhile_is_erased_by_every_address(world: World, two: tuple[Member, Member]) -> None:
    def forget() -> object:
        return erase(world.parts, two[1].id, asked_by=AskedBy.member, now=utc_now())

    with meanwhile(world, two, forget, held=row_of(two[1])) as (merging, erasing):
        assert erasing.result()
        refused = merging.exception()

    assert isinstance(refused, MergeRefused) or world.rows(Person) == []
