"""Who becomes a member, and who is the same one."""

import pytest

from app.billing.models import Customer, Payment
from app.flows.people.erase import MemberUnknown, erase_by_code
from app.flows.people.reseal import reseal_people
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import Member, MembershipFact
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from app.vault.models import Contact, Person
from app.vault.vault import PersonInClear
from tests.support.cast import ADA, BEN, DECLINED
from tests.support.compare import differences
from tests.support.simulator import DoorRefused
from tests.support.world import World


def test_the_first_payment_makes_the_member_and_nothing_before_it(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.settle()
    assert world.rows(Member) == []
    with pytest.raises(DoorRefused):
        world.pay(session_id, ADA, card=DECLINED)
    world.settle()
    assert world.rows(Member) == []

    world.pay(session_id, ADA)
    world.settle()

    member = world.one(Member)
    assert world.person_of(member) == ADA
    assert member.joined_at == world.one(Payment).paid_at
    assert world.rows(Contact) == []
    assert len(world.rows(Entry)) == 1
    assert len(world.rows(QueuedMail)) == 1


@pytest.mark.parametrize("other", ["ADA@Example.ORG", "Ada@example.org"])
def test_a_second_gift_from_the_same_address_in_other_case_is_the_same_member(
    world: World, other: str
) -> None:
    world.give(ADA)
    world.give(PersonInClear(address=other, name=None), Money(2500, "eur"), Interval.once)

    member = world.one(Member)
    assert {payment.member_id for payment in world.rows(Payment)} == {member.id}
    assert len(world.rows(Customer)) == 2
    assert len(world.rows(Receipt)) == len(world.rows(QueuedMail)) == 2
    assert differences(world.parts.sessions, world.stripe) == []


def test_gmails_dots_and_tags_are_one_person(world: World) -> None:
    spellings = ("ada.adler@gmail.com", "adaadler@gmail.com", "a.d.a.adler+news@googlemail.com")
    for address in spellings:
        world.give(PersonInClear(address=address, name=None), Money(1000, "eur"), Interval.once)

    assert len(world.rows(Member)) == 1
    assert len(world.rows(Person)) == 1
    assert len(world.rows(Entry)) == 3


def test_dots_elsewhere_may_be_another_person(world: World) -> None:
    for address in ("ada.adler@example.org", "adaadler@example.org"):
        world.give(PersonInClear(address=address, name=None), Money(1000, "eur"), Interval.once)

    assert len(world.rows(Member)) == 2


def test_two_people_are_two_members(world: World) -> None:
    world.give(ADA)
    world.give(BEN)

    assert len({member.code for member in world.rows(Member)}) == 2
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_name_is_optional_and_a_later_one_fills_the_gap(world: World) -> None:
    nameless = PersonInClear(address=ADA.address, name=None)
    world.give(nameless)
    assert world.person_of(world.one(Member)) == nameless

    world.give(ADA, Money(1000, "eur"), Interval.once)

    assert world.person_of(world.one(Member)) == ADA


def test_an_erased_person_leaves_the_books_whole(world: World) -> None:
    world.give(ADA)
    member = world.one(Member)

    assert erase_by_code(world.parts, member.code.lower(), now=utc_now())

    assert world.rows(Person) == []
    assert world.one(Member).person_id is None
    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == len(world.rows(MembershipFact)) == 1
    assert not erase_by_code(world.parts, member.code, now=utc_now())
    with pytest.raises(MemberUnknown):
        erase_by_code(world.parts, "ZZZZ-ZZZZ", now=utc_now())


def test_a_renewal_after_erasure_is_booked_and_mails_nobody(world: World) -> None:
    world.give(ADA)
    erase_by_code(world.parts, world.one(Member).code, now=utc_now())

    world.advance(days=32)
    world.settle()
    world.send_mail()

    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == 2
    assert world.one(Member).person_id is None
    assert world.rows(Person) == []
    of_the_person = world.rows(QueuedMail, QueuedMail.kind != MailKind.erased)
    assert all(mail.dropped_at and not mail.sent_at for mail in of_the_person)


def test_sealing_anew_can_be_repeated(world: World) -> None:
    world.give(ADA)
    world.give(BEN)

    assert list(reseal_people(world.parts)) == list(reseal_people(world.parts)) == [1, 2]

    assert {world.person_of(member).address for member in world.rows(Member)} == {ADA.address, BEN.address}
