"""One mail at most to who did not finish: wished for, some hours later, and only while it is of use."""

from dataclasses import replace
from datetime import timedelta

import time_machine

from app.db import transaction
from app.flows.housekeeping import keep_house
from app.flows.regular import RegularWork
from app.flows.unfinished import mail_unfinished
from app.giving.models import Pledge, ResumeWish
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import MailKind, QueuedMail
from app.vault.vault import PersonInClear
from tests.support.cast import ADA, BEN
from tests.support.letters import links_in, said_in
from tests.support.mail import MailCatcher
from tests.support.world import World

HOURS = timedelta(hours=3, minutes=1)


def begin(world: World, reader: PersonInClear = ADA, *, wishes: bool = True, nonce: str = "") -> str:
    """Send a form and leave Stripe's page alone; returns the session's id."""
    form = world.form(reader, nonce=nonce or new_nonce())
    return world.open_session(replace(form, asks_for_mail=wishes))


def look_after(world: World, wait: timedelta) -> int:
    return mail_unfinished(world.parts, now=utc_now() + wait)


def send_mail_later(world: World) -> None:
    with time_machine.travel(utc_now() + 2 * HOURS):
        world.send_mail()


def kinds(world: World) -> list[MailKind]:
    return [mail.kind for mail in world.rows(QueuedMail)]


def test_who_wished_for_it_gets_one_mail_with_the_link_and_never_another(
    world: World, mails: MailCatcher
) -> None:
    begin(world)

    looked = [look_after(world, HOURS), look_after(world, HOURS), look_after(world, 9 * HOURS)]
    send_mail_later(world)

    assert looked == [1, 0, 0]
    (mail,) = mails.messages
    assert mail["To"] == "Ada Adler <ada@example.org>"
    assert mail["Subject"] == "Your support for The Harbour Courier is not finished yet"
    assert [link.rpartition("/")[2] for link in links_in(mail)] == [world.one(Pledge).resume_key]
    assert "€2 every month" in said_in(mail)
    assert not world.rows(ResumeWish)


def test_before_its_hour_nothing_is_sent(world: World) -> None:
    begin(world)

    assert look_after(world, timedelta(hours=2, minutes=59)) == 0
    assert kinds(world) == []


def test_who_left_the_box_alone_is_not_written_to(world: World) -> None:
    begin(world, wishes=False)

    assert look_after(world, HOURS) == 0


def test_a_pledge_that_was_paid_needs_no_mail(world: World) -> None:
    world.pay(begin(world), ADA)
    world.settle()

    look_after(world, HOURS)

    assert kinds(world) == [MailKind.receipt]
    assert not world.rows(ResumeWish)


def test_who_paid_by_another_form_since_is_not_written_to(world: World) -> None:
    begin(world)
    world.give(ADA, Money(2500, "eur"), Interval.once)

    look_after(world, HOURS)

    assert kinds(world) == [MailKind.receipt]


def test_who_paid_while_the_mail_waited_is_not_written_to(world: World, mails: MailCatcher) -> None:
    begin(world)
    look_after(world, HOURS)
    world.give(ADA, Money(2500, "eur"), Interval.once)

    send_mail_later(world)

    dropped = next(mail for mail in world.rows(QueuedMail) if mail.kind is MailKind.support_unfinished)
    assert dropped.dropped_at
    assert dropped.last_error == "paid by another pledge since"
    assert len(mails.messages) == 1


def test_a_payment_from_before_the_pledge_does_not_count(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    with time_machine.travel(utc_now() + timedelta(minutes=1)):
        begin(world)

    look_after(world, HOURS)

    assert sorted(kinds(world)) == [MailKind.receipt, MailKind.support_unfinished]


def test_a_change_of_mind_on_the_same_form_is_one_mail_for_the_newest(
    world: World, mails: MailCatcher
) -> None:
    nonce = new_nonce()
    begin(world, nonce=nonce)
    changed = world.form(ADA, Money(500, "eur"), nonce=nonce)
    world.open_session(replace(changed, asks_for_mail=True))

    look_after(world, HOURS)
    send_mail_later(world)

    (mail,) = mails.messages
    assert "€5 every month" in said_in(mail)


def test_who_is_forgotten_is_not_written_to(world: World) -> None:
    begin(world)
    begin(world, BEN, wishes=False)
    with time_machine.travel(utc_now() + timedelta(days=8)):
        keep_house(world.parts)

    look_after(world, timedelta(days=8))

    assert kinds(world) == []


def test_who_is_forgotten_while_the_mail_waits_is_not_written_to(world: World, mails: MailCatcher) -> None:
    begin(world)
    look_after(world, HOURS)
    with transaction(world.parts.sessions) as session:
        world.parts.vault.forget_contact(session, world.one(Pledge).id)

    send_mail_later(world)

    assert world.one(QueuedMail).last_error == "nobody to send it to"
    assert not mails.messages


def test_the_regular_work_sends_it_by_the_clock(world: World) -> None:
    work = RegularWork(world.parts, look_seconds=0)
    begin(world)
    while work.turn():
        pass
    assert MailKind.support_unfinished not in kinds(world)

    with time_machine.travel(utc_now() + HOURS):
        while work.turn():
            pass

    assert MailKind.support_unfinished in kinds(world)
