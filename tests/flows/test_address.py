"""Another address: verified from there first, then known here and at Stripe, and the former one told."""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine

from app.db import reading
from app.flows.links import LinkExpired, LinkUnknown
from app.flows.people.address import AddressStanding, ask_for_address, confirm_address, look_at_change
from app.flows.people.erase import erase_by_code
from app.kernel.clock import utc_now
from app.members.models import AddressChange, Member
from app.outbox.models import MailKind, QueuedMail
from app.vault.models import Contact
from tests.support.asking import finish
from tests.support.cast import ADA, BEN
from tests.support.crowd import all_at_once
from tests.support.mail import MailCatcher
from tests.support.world import World

NEW = "ada.new@example.net"


def want(world: World, mails: MailCatcher, address: str = NEW) -> str:
    """Let Ada want another address; returns the token of the link mailed there."""
    world.send_mail()
    mails.messages.clear()
    ask_for_address(world.parts, world.rows(Member)[0].id, address, now=utc_now())
    world.send_mail()
    (mail,) = [one for one in mails.messages if address in one["To"]]
    return token_in(mail)


def token_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    found = re.search(r"/manage/address/(\S+)", body.get_content())
    assert found
    return found[1]


def confirm(world: World, token: str) -> AddressStanding:
    return confirm_address(world.parts, token, now=utc_now()).standing


def known_address(world: World) -> str:
    return world.person_of(world.rows(Member)[0]).address


def test_edge_21_nothing_changes_before_it_is_confirmed_from_there(world: World, mails: MailCatcher) -> None:
    world.give(ADA)

    token = want(world, mails)

    assert look_at_change(world.parts, token, now=utc_now()).new_address == NEW
    assert known_address(world) == ADA.address
    assert world.stripe.objects("customer")[0]["email"] == ADA.address


def test_edge_21_then_it_is_changed_here_and_at_stripe_and_the_old_one_is_told(
    world: World, mails: MailCatcher
) -> None:
    world.give(ADA)
    token = want(world, mails)
    mails.messages.clear()

    assert confirm(world, token) is AddressStanding.done
    finish(world)
    world.send_mail()

    assert known_address(world) == NEW
    assert world.stripe.objects("customer")[0]["email"] == NEW
    (told,) = mails.messages
    assert ADA.address in told["To"]
    assert "has changed" in told["Subject"]
    assert NEW not in told.as_string()


def test_the_mail_to_the_new_address_tells_a_stranger_nothing(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    want(world, mails)

    (mail,) = [one for one in mails.messages if NEW in one["To"]]

    assert ADA.address not in mail.as_string()
    assert world.one(Member).code not in mail.as_string()


def test_pressing_twice_changes_and_tells_once(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    token = want(world, mails)

    pressed = all_at_once(6, lambda _: confirm(world, token))

    assert set(pressed) == {AddressStanding.done}
    assert len(world.rows(QueuedMail, QueuedMail.kind == MailKind.address_changed)) == 1


def test_an_address_of_somebody_else_is_taken_from_nobody(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    world.give(BEN)
    token = want(world, mails, BEN.address)

    assert confirm(world, token) is AddressStanding.taken

    assert known_address(world) == ADA.address


def test_the_same_mailbox_written_otherwise_is_ones_own(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    token = want(world, mails, "Ada@Example.org")

    assert confirm(world, token) is AddressStanding.done

    assert known_address(world) == "Ada@Example.org"


def test_a_newer_wish_makes_the_older_link_void(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    older = want(world, mails)
    newer = want(world, mails, "third@example.net")

    assert confirm(world, older) is AddressStanding.late
    assert confirm(world, newer) is AddressStanding.done

    assert known_address(world) == "third@example.net"


def test_after_a_day_the_link_does_nothing_and_the_address_is_forgotten(
    world: World, mails: MailCatcher
) -> None:
    world.give(ADA)
    token = want(world, mails)

    with time_machine.travel(utc_now() + timedelta(hours=25), tick=True):
        assert confirm(world, token) is AddressStanding.late

    assert known_address(world) == ADA.address
    with reading(world.parts.sessions) as session:
        change = world.one(AddressChange)
        contact = session.get(Contact, change.id)
    assert contact
    assert contact.forget_at - change.asked_at <= timedelta(days=1)


def test_an_erased_member_gets_no_address_back(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    token = want(world, mails)
    erase_by_code(world.parts, world.one(Member).code, now=utc_now())

    assert confirm(world, token) is AddressStanding.late

    assert world.one(Member).person_id is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_link_that_is_not_ours_opens_nothing(world: World, token: str) -> None:
    with pytest.raises(LinkUnknown):
        look_at_change(world.parts, token, now=utc_now())


def test_a_link_of_last_month_says_so(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    token = want(world, mails)

    with time_machine.travel(utc_now() + timedelta(days=31), tick=True), pytest.raises(LinkExpired):
        look_at_change(world.parts, token, now=utc_now())
