"""Money given back is answered by documents: numbered, mailed once, printed on the receipt."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.billing.models import Payment, Refund
from app.db import transaction
from app.flows.draw import draw_credit_note, draw_receipt
from app.flows.people.erase import erase_by_code
from app.flows.receipts import (
    LINK_DAYS,
    ReceiptLinkExpired,
    open_receipt,
    receipt_link,
    send_receipt_again,
)
from app.flows.sync import sync_at_once
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import CreditNote, NoteKind, Receipt, ReceiptNote
from tests.support.cast import ADA, BEN, DISPUTED_AT_ONCE, REFUND_FAILS
from tests.support.compare import differences
from tests.support.crowd import all_at_once
from tests.support.mail import MailCatcher
from tests.support.pdf import text_of
from tests.support.world import World


def gift(world: World, *, card: str = "4242424242424242", currency: str = "eur") -> str:
    """Let Ada give 25 once; returns the payment intent."""
    world.give(ADA, Money(2500, currency), Interval.once, card=card)
    return world.one(Payment).stripe_payment_intent_id


def refund(world: World, intent_id: str, minor: int) -> str:
    """Refund a part at Stripe and let it come through; returns the refund."""
    made = world.v1.refunds.create({"payment_intent": intent_id, "amount": minor})
    world.settle()
    return made.id


def numbers(world: World) -> list[str]:
    return [note.number for note in world.rows(CreditNote)]


def kinds(world: World) -> list[MailKind]:
    return [mail.kind for mail in world.rows(QueuedMail)]


def test_edge_5_a_partial_refund_is_answered_by_a_credit_note_and_a_mail(
    world: World, mails: MailCatcher
) -> None:
    refund(world, gift(world), 1000)
    world.send_mail()

    note = world.one(CreditNote)
    assert note.number == f"HC-CN-{note.refunded_on.year}-000001"
    assert (note.amount_minor, note.currency) == (1000, "eur")
    assert note.receipt_id == world.one(Receipt).id
    receipt_mail, credit_mail = mails.messages
    assert "Thank you" in receipt_mail["Subject"]
    assert credit_mail["Subject"] == f"€10.00 given back: credit note {note.number}"
    assert [part.get_filename() for part in credit_mail.iter_attachments()] == [
        f"credit-note-{note.number}.pdf"
    ]
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_5_several_refunds_have_a_number_each(world: World) -> None:
    intent_id = gift(world)

    for minor in (500, 700, 1300):
        refund(world, intent_id, minor)

    year = world.rows(CreditNote)[0].year
    assert numbers(world) == [f"HC-CN-{year}-00000{serial}" for serial in (1, 2, 3)]
    assert [note.amount_minor for note in world.rows(CreditNote)] == [500, 700, 1300]
    assert kinds(world) == [MailKind.receipt, *[MailKind.credit_note] * 3]
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_5_a_refund_that_fails_later_keeps_its_number_and_the_receipt_says_so(world: World) -> None:
    refund(world, gift(world, card=REFUND_FAILS), 2500)
    assert world.rows(ReceiptNote) == []

    world.advance(days=0.1)
    world.settle()

    assert len(numbers(world)) == 1
    assert [note.kind for note in world.rows(ReceiptNote)] == [NoteKind.refund_failed]
    drawn = text_of(draw_receipt(world.parts, world.one(Receipt).id).pdf)
    assert f"Given back: credit note {numbers(world)[0]}" in drawn
    assert "The refund did not arrive: its credit note no longer holds" in drawn
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_refund_first_seen_when_it_had_failed_already_is_told_just_the_same(world: World) -> None:
    intent_id = gift(world, card=REFUND_FAILS)
    world.v1.refunds.create({"payment_intent": intent_id})
    world.advance(days=0.1)
    world.settle()

    assert len(numbers(world)) == 1
    assert [note.kind for note in world.rows(ReceiptNote)] == [NoteKind.refund_failed]
    world.send_mail()
    dropped = world.one(QueuedMail, QueuedMail.kind == MailKind.credit_note)
    assert dropped.last_error == "the refund did not arrive"
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_5_a_refund_in_the_next_year_is_a_document_of_its_own_year(world: World) -> None:
    world.set_clock("2026-12-30T12:00:00")
    intent_id = gift(world)
    world.advance_to(datetime(2027, 1, 2, 12, 0, tzinfo=UTC))

    refund(world, intent_id, 2500)

    assert world.one(Receipt).number == "HC-2026-000001"
    assert numbers(world) == ["HC-CN-2027-000001"]
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_credit_note_says_what_went_back_to_whom_and_which_receipt_it_answers(world: World) -> None:
    refund(world, gift(world), 1000)

    said = text_of(draw_credit_note(world.parts, world.one(CreditNote).id).pdf)

    for words in (
        "Credit note",
        "€10.00",
        "Ten euros",
        "Ada Adler",
        world.one(Receipt).number,
        "One-off gift",
    ):
        assert words in said
    assert ADA.address not in said


def test_a_refund_synced_again_and_again_is_answered_once(world: World) -> None:
    refund_id = refund(world, gift(world), 1000)

    for _ in range(3):
        sync_at_once(world.parts, (ObjectType.refund, refund_id), now=utc_now())

    assert len(numbers(world)) == 1
    assert kinds(world) == [MailKind.receipt, MailKind.credit_note]


def test_of_an_old_refund_that_a_sweep_finds_nobody_is_mailed(world: World) -> None:
    intent_id = gift(world)
    made = world.v1.refunds.create({"payment_intent": intent_id, "amount": 1000})
    world.collect()
    world.undelivered.clear()
    with transaction(world.parts.sessions) as session:
        later = utc_now() + timedelta(hours=1)
        want(session, (ObjectType.refund, made.id), now=utc_now(), silent_before=later)
    world.work()
    assert len(numbers(world)) == 1
    assert kinds(world) == [MailKind.receipt]

    sync_at_once(world.parts, (ObjectType.refund, made.id), now=utc_now())

    assert kinds(world) == [MailKind.receipt]


def test_nobody_is_thanked_for_a_gift_that_went_back_before_the_mail_went_out(
    world: World, mails: MailCatcher
) -> None:
    refund(world, gift(world), 2500)

    world.send_mail()

    (only,) = mails.messages
    assert "given back" in only["Subject"]
    thanks = world.one(QueuedMail, QueuedMail.kind == MailKind.receipt)
    assert thanks.sent_at is None
    assert thanks.last_error == "the money went back"


def test_nobody_is_thanked_for_a_gift_that_a_bank_took_back(world: World, mails: MailCatcher) -> None:
    gift(world, card=DISPUTED_AT_ONCE)

    world.send_mail()

    assert mails.messages == []


def test_a_gift_of_which_something_is_left_is_still_thanked_for(world: World, mails: MailCatcher) -> None:
    refund(world, gift(world), 2499)

    world.send_mail()

    assert len(mails.messages) == 2


def test_a_receipt_asked_for_is_sent_although_the_money_went_back(world: World, mails: MailCatcher) -> None:
    refund(world, gift(world), 2500)
    token = receipt_link(world.parts, world.one(Receipt).id).rpartition("/")[2]
    send_receipt_again(world.parts, token, now=utc_now())

    world.send_mail()

    assert any("Your receipt" in mail["Subject"] for mail in mails.messages)


def test_the_link_of_a_credit_note_opens_it_for_thirty_days_and_then_mails_it(
    world: World, mails: MailCatcher
) -> None:
    refund(world, gift(world), 1000)
    world.send_mail()
    mails.clear()
    note = world.one(CreditNote)
    token = receipt_link(world.parts, note.id).rpartition("/")[2]

    opened = open_receipt(world.parts, token)

    assert not isinstance(opened, ReceiptLinkExpired)
    assert opened.file_name == f"credit-note-{note.number}.pdf"
    with time_machine.travel(utc_now() + timedelta(days=LINK_DAYS, minutes=1), tick=True):
        assert open_receipt(world.parts, token) == ReceiptLinkExpired(document_id=note.id, is_receipt=False)
        for _ in range(3):
            send_receipt_again(world.parts, token, now=utc_now())
        world.send_mail()
    (again,) = mails.messages
    assert "given back" in again["Subject"]


def test_the_credit_note_of_an_erased_person_names_nobody(world: World) -> None:
    refund(world, gift(world), 1000)
    erase_by_code(world.parts, world.one(Member).code, now=utc_now())

    said = text_of(draw_credit_note(world.parts, world.one(CreditNote).id).pdf)

    assert "Ada" not in said
    assert numbers(world)[0] in said


@pytest.mark.parametrize("currency", ["jpy", "kwd"])
def test_a_credit_note_is_in_the_currency_that_was_given(world: World, currency: str) -> None:
    refund(world, gift(world, currency=currency), 1000)

    note = world.one(CreditNote)
    assert (note.amount_minor, note.currency) == (1000, currency)


def test_two_workers_that_answer_refunds_at_once_leave_no_gap(world: World) -> None:
    intents = []
    for reader in (ADA, BEN):
        world.give(reader, Money(2500, "eur"), Interval.once)
        intents.append(world.rows(Payment)[-1].stripe_payment_intent_id)
    for intent_id in intents:
        for minor in (100, 200, 300):
            world.v1.refunds.create({"payment_intent": intent_id, "amount": minor})
    world.deliver()

    all_at_once(2, lambda _number: world.work())
    world.come_through()

    assert len(world.rows(Refund)) == 6
    assert differences(world.parts.sessions, world.stripe) == []
