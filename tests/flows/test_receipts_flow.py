"""Receipts: one for every payment, fetched again by their owner only."""

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from pypdf import PdfReader

from app.db import transaction
from app.flows.draw import ReceiptFile, ReceiptUnknown, draw_receipt
from app.flows.people.erase import erase_by_code
from app.flows.receipts import (
    LINK_DAYS,
    ReceiptLinkExpired,
    open_receipt,
    receipt_link,
    send_receipt_again,
)
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt, ReceiptCounter
from app.vault.vault import PersonInClear
from tests.support.cast import ADA, BEN
from tests.support.compare import gaps
from tests.support.mail import MailCatcher
from tests.support.world import World


def token_of(world: World, receipt: Receipt) -> str:
    return receipt_link(world.parts, receipt.id).rpartition("/")[2]


def text_of(file: ReceiptFile) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(file.pdf)).pages)


def test_every_payment_gets_the_next_number(world: World) -> None:
    world.give(ADA)
    world.give(BEN, Money(2500, "eur"), Interval.once)
    world.advance(days=32)
    world.settle()

    receipts = world.rows(Receipt)
    assert sorted(receipt.serial for receipt in receipts) == [1, 2, 3]
    assert gaps(receipts) == []
    assert sum(counter.last_serial for counter in world.rows(ReceiptCounter)) == 3
    assert len(world.rows(Entry)) == len(world.rows(QueuedMail)) == 3


def test_a_payment_that_a_sweep_found_in_silence_is_not_mailed_about_by_a_later_event(world: World) -> None:
    session_id = world.open_session(world.form(ADA, Money(2500, "eur"), Interval.once))
    world.pay(session_id, ADA)
    (intent,) = world.stripe.objects("payment_intent")
    wanted = (ObjectType.payment_intent, intent["id"])
    with transaction(world.parts.sessions) as session:
        want(session, wanted, now=utc_now(), silent_before=utc_now() + timedelta(hours=1))
    world.work()
    assert len(world.rows(Receipt)) == 1

    world.settle()

    assert world.rows(QueuedMail) == []


def test_a_receipt_says_who_paid_what_and_to_whom(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)

    text = text_of(draw_receipt(world.parts, world.one(Receipt).id))

    for said in ("Ada Adler", "25.00", "Harbour Courier Foundation gGmbH", world.one(Receipt).number):
        assert said in text
    assert ADA.address not in text


def test_the_link_opens_this_receipt_and_no_other(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    world.give(BEN, Money(1000, "eur"), Interval.once)
    adas = next(row for row in world.rows(Receipt) if row.amount_minor == 2500)

    opened = open_receipt(world.parts, token_of(world, adas))

    assert isinstance(opened, ReceiptFile)
    assert opened.number == adas.number
    assert opened.pdf.startswith(b"%PDF")


@pytest.mark.parametrize("altered", ["", "x", "..", "A" * 200, "\u0430\u0431"])
def test_an_altered_link_opens_nothing(world: World, altered: str) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    token = token_of(world, world.one(Receipt))

    for wrong in (altered, token[:-1], token + "x", token[1:]):
        with pytest.raises(ReceiptUnknown):
            open_receipt(world.parts, wrong)


def test_a_signed_link_to_no_receipt_opens_nothing(world: World) -> None:
    token = receipt_link(world.parts, new_id()).rpartition("/")[2]

    with pytest.raises(ReceiptUnknown):
        open_receipt(world.parts, token)
    with pytest.raises(ReceiptUnknown):
        send_receipt_again(world.parts, token, now=utc_now())


def test_an_old_link_sends_the_receipt_to_the_address_on_record_only(
    world: World, mails: MailCatcher
) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    world.send_mail()
    token = token_of(world, world.one(Receipt))
    mails.clear()

    with time_machine.travel(utc_now() + timedelta(days=LINK_DAYS, minutes=1), tick=True):
        assert open_receipt(world.parts, token) == ReceiptLinkExpired(
            document_id=world.one(Receipt).id, is_receipt=True
        )
        for _ in range(3):
            send_receipt_again(world.parts, token, now=utc_now())
        world.send_mail()

    (again,) = mails.messages
    assert again["To"] == "Ada Adler <ada@example.org>"
    assert [part.get_content_type() for part in again.iter_attachments()] == ["application/pdf"]
    assert [mail.kind for mail in world.rows(QueuedMail)] == [MailKind.receipt, MailKind.receipt_again]


def test_a_receipt_asked_for_on_another_day_is_sent_on_that_day_too(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    token = token_of(world, world.one(Receipt))

    for days in (0, 1):
        send_receipt_again(world.parts, token, now=utc_now() + timedelta(days=days))

    assert len(world.rows(QueuedMail, QueuedMail.kind == MailKind.receipt_again)) == 2


def test_a_receipt_is_what_it_was_although_the_name_came_later(world: World) -> None:
    world.give(PersonInClear(address=ADA.address, name=None), Money(2500, "eur"), Interval.once)
    nameless = world.one(Receipt)

    world.give(ADA, Money(1000, "eur"), Interval.once)

    assert "Ada Adler" not in text_of(draw_receipt(world.parts, nameless.id))


def test_the_receipt_of_an_erased_person_names_nobody(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    erase_by_code(world.parts, world.one(Member).code, now=utc_now())

    text = text_of(draw_receipt(world.parts, world.one(Receipt).id))

    assert "Ada" not in text
    assert world.one(Receipt).number in text
