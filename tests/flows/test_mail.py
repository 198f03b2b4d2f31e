"""From the outbox to the mail server: at least once, and a second copy is known by its id."""

from datetime import timedelta

import pytest
import time_machine

from app.db import transaction
from app.flows.send_mail import send_next
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.outbox import queue
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from app.vault.vault import PersonInClear
from tests.support.cast import ADA, BEN
from tests.support.mail import MailCatcher
from tests.support.world import World

ONCE = (Money(2500, "eur"), Interval.once)
LATER = timedelta(hours=7)
"""Longer than any pause between two tries."""


def test_the_receipt_goes_out_once_with_its_pdf(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)

    assert world.send_mail() == 1

    (mail,) = mails.messages
    number = world.one(Receipt).number
    assert mail["To"] == "Ada Adler <ada@example.org>"
    assert number in mail["Subject"]
    assert mail["Message-ID"] == f"<{world.one(QueuedMail).id}@harbour-courier.example>"
    (pdf,) = mail.iter_attachments()
    assert pdf.get_filename() == f"receipt-{number}.pdf"
    assert pdf.get_content().startswith(b"%PDF")
    assert world.one(QueuedMail).sent_at
    assert len(world.rows(Entry)) == 1


def test_text_and_html_say_the_same(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)
    world.send_mail()

    (mail,) = mails.messages
    bodies = [mail.get_body(preferencelist=(kind,)) for kind in ("plain", "html")]
    for body in bodies:
        assert body
        for said in ("Ada Adler", "25", world.one(Receipt).number, "/receipts/"):
            assert said in body.get_content()


def test_who_gave_once_is_not_told_how_to_end_it(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)
    world.give(BEN)
    world.send_mail()

    for mail, said, unsaid in zip(
        mails.messages,
        ("nothing will be charged again", "Change or end"),
        ("To change", "nothing will"),
        strict=True,
    ):
        for kind in ("plain", "html"):
            body = mail.get_body(preferencelist=(kind,))
            assert body
            assert said in body.get_content().replace("\n", " ")
            assert unsaid not in body.get_content()


def test_nothing_is_sent_twice(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)
    world.send_mail()

    world.deliver([*world.delivered])
    world.settle()
    with time_machine.travel(utc_now() + LATER, tick=True):
        assert world.send_mail() == 0

    assert len(mails.messages) == 1


def test_a_reader_without_a_name_is_thanked_all_the_same(world: World, mails: MailCatcher) -> None:
    world.give(BEN, *ONCE)
    world.send_mail()

    assert mails.messages[0]["To"] == BEN.address


def test_a_letter_speaks_the_readers_language(world: World, mails: MailCatcher) -> None:
    session_id = world.open_session(world.form(ADA, *ONCE, language="ru"))
    world.pay(session_id, ADA)
    world.settle()
    world.send_mail()

    assert mails.messages[0]["Content-Language"] == "ru"
    assert "квитанция" in mails.messages[0]["Subject"].lower()


def test_while_the_mail_server_is_away_mail_waits_and_then_goes_out(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)
    mails.stop()
    try:
        assert world.send_mail() == 1
        waiting = world.one(QueuedMail)
        assert (waiting.attempts, waiting.last_error, waiting.sent_at) == (1, "ConnectionRefusedError", None)
        assert waiting.retry_at > utc_now()
    finally:
        mails.start()

    with time_machine.travel(utc_now() + LATER, tick=True):
        world.send_mail()

    assert len(mails.messages) == 1
    assert world.one(QueuedMail).sent_at
    assert world.one(QueuedMail).last_error is None


@pytest.mark.parametrize(
    ("answer", "dropped"),
    [("550 5.1.1 <{0}> is unknown here", True), ("451 4.3.0 <{0}>: try again later", False)],
)
def test_a_refusal_is_final_or_not_and_never_repeats_the_address(
    world: World, mails: MailCatcher, answer: str, dropped: bool
) -> None:
    world.give(ADA, *ONCE)
    mails.refusals[ADA.address] = answer.format(ADA.address)

    world.send_mail()

    mail = world.one(QueuedMail)
    assert bool(mail.dropped_at) is dropped
    assert mail.last_error
    assert ADA.address not in mail.last_error
    assert mails.messages == []


def test_one_refused_mail_does_not_hold_up_the_others(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)
    world.give(BEN, *ONCE)
    mails.refusals[ADA.address] = "550 no such mailbox"

    world.send_mail()

    assert [mail["To"] for mail in mails.messages] == [BEN.address]


def test_a_mail_whose_sender_died_is_sent_again_under_the_same_id(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)
    with transaction(world.parts.sessions) as session:
        assert queue.take_next(session, now=utc_now())
    assert not send_next(world.parts)

    with time_machine.travel(utc_now() + LATER, tick=True):
        assert send_next(world.parts)

    assert [mail["Message-ID"] for mail in mails.messages] == [
        f"<{world.one(QueuedMail).id}@harbour-courier.example>"
    ]


def test_two_workers_never_send_the_same_mail(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *ONCE)
    with transaction(world.parts.sessions) as session:
        first = queue.take_next(session, now=utc_now())
        second = queue.take_next(session, now=utc_now())

    assert first
    assert second is None
    assert mails.messages == []


def test_after_five_days_of_failures_a_mail_is_dropped_and_stays_visible(world: World) -> None:
    world.give(ADA, *ONCE)
    now = utc_now()
    for _ in range(queue.MOST_ATTEMPTS):
        with transaction(world.parts.sessions) as session:
            lease = queue.take_next(session, now=now)
            assert lease
            queue.mark_failed(session, lease, error="ConnectionRefusedError", now=now)
        now = now + LATER

    mail = world.one(QueuedMail)
    assert mail.dropped_at
    assert not mail.sent_at
    assert mail.last_error == "ConnectionRefusedError"


@pytest.mark.parametrize(
    "name", ["Ада Адлер", "آدا ادلر", "=HYPERLINK(1)", "Ada\u200d", "A" * 120, 'Ada "A." <x>, @', "🐦 Ada"]
)
def test_every_name_reaches_its_mailbox(world: World, mails: MailCatcher, name: str) -> None:
    world.give(PersonInClear(address=ADA.address, name=name), *ONCE)

    world.send_mail()

    (mail,) = mails.messages
    (to,) = mail["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, ADA.address)


def test_a_contact_that_was_forgotten_is_written_to_no_more(world: World, mails: MailCatcher) -> None:
    pledge_id = new_id()
    with transaction(world.parts.sessions) as session:
        world.parts.vault.keep_contact(session, pledge_id, ADA, now=utc_now())
        mail = queue.Mail(
            kind=MailKind.payment_reminder, dedupe_key="to-a-contact", contact_id=pledge_id, language="en"
        )
        queue.enqueue(session, mail, now=utc_now())
        world.parts.vault.forget_contact(session, pledge_id)

    assert world.send_mail() == 1

    assert world.one(QueuedMail).last_error == "nobody to send it to"
    assert not mails.messages
