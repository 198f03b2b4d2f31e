"""Edge 29: the database is restored from a six-hour-old backup while Stripe moved on."""

from collections import Counter

import pytest
from flask import Flask

from app.asks.models import AskKind
from app.billing.models import Payment
from app.flows import muting
from app.flows.give import AlreadyCompleted, CheckoutReady, CheckoutUncertain
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import QueuedMail
from app.receipts.models import CreditNote, Receipt
from tests.support.asking import finish, place
from tests.support.backup import Backup
from tests.support.cast import ADA, BEN, DAN, reader
from tests.support.mail import MailCatcher
from tests.support.world import World

SIX_HOURS_DAYS = 0.25
READERS = 6


@pytest.fixture
def backup(world: World) -> Backup:
    """Of a deployment that has been up for a while."""
    muting.check_epoch(world.parts)
    return Backup(world.parts.sessions.kw["bind"])


def numbers(world: World) -> dict[str, str]:
    """Which number each payment's receipt bears."""
    paid = {row.id: row.stripe_payment_intent_id for row in world.rows(Payment)}
    return {paid[receipt.payment_id]: receipt.number for receipt in world.rows(Receipt)}


def start_and_catch_up(app: Flask, world: World, backup: Backup) -> None:
    """Restore, start a worker, and do what the handbook says: reconcile in full, then unmute."""
    muting.check_epoch(world.parts)
    backup.restore()
    writes = count_writes(world)
    for command in ("worker --once", "stripe reconcile --full"):
        run(app, command)
    assert count_writes(world) == writes, "something was written to Stripe while muted"
    run(app, "safety unmute")
    world.settle()
    world.send_mail()


def run(app: Flask, command: str) -> None:
    done = app.test_cli_runner().invoke(args=command.split())
    assert done.exit_code == 0, done.output


def count_writes(world: World) -> int:
    return sum(request["method"] != "GET" for request in world.stripe.requests())


def test_edge_29_no_number_is_reused_and_no_mail_sent_twice(
    app: Flask, world: World, backup: Backup, mails: MailCatcher
) -> None:
    world.give(ADA)
    world.give(BEN, Money(2500, "eur"), Interval.once)
    backup.make()
    world.send_mail()
    for number in range(READERS):
        world.give(reader(number), Money(1000, "eur"), Interval.once)
    for payment in world.rows(Payment)[-2:]:
        world.v1.refunds.create({"payment_intent": payment.stripe_payment_intent_id})
    world.advance(days=SIX_HOURS_DAYS)
    world.settle()
    world.send_mail()
    before, notes = numbers(world), {note.stripe_refund_id: note.number for note in world.rows(CreditNote)}
    sent = Counter(mail["Message-ID"] for mail in mails.messages)

    start_and_catch_up(app, world, backup)
    world.give(DAN, Money(500, "eur"), Interval.once)

    after = numbers(world)
    assert {intent: number for intent, number in after.items() if intent in before} == before
    assert len(set(after.values())) == len(before) + 1
    assert {note.stripe_refund_id: note.number for note in world.rows(CreditNote)} == notes
    world.send_mail()
    fresh = [mail["To"] for mail in mails.messages if mail["Message-ID"] not in sent]
    assert fresh == ["Dan Dorn <dan@example.org>"]
    assert max(Counter(mail["Message-ID"] for mail in mails.messages).values()) == 1
    assert all(mail.sent_at or mail.dropped_at for mail in world.rows(QueuedMail))


def test_edge_29_a_form_sent_before_the_backup_leads_to_no_second_charge(
    app: Flask, world: World, backup: Backup
) -> None:
    form = world.form(ADA)
    world.stripe.faults("fail_before", method="POST", route="/v1/checkout/sessions", count=2)
    assert isinstance(world.send(form), CheckoutUncertain)
    backup.make()
    opening = world.send(form)
    assert isinstance(opening, CheckoutReady)
    world.pay(opening.url.rpartition("/")[2], ADA)
    world.settle()
    world.send_mail()
    before = numbers(world)

    start_and_catch_up(app, world, backup)
    again = world.send(form)

    assert isinstance(again, AlreadyCompleted)
    assert len(world.stripe.objects("subscription")) == len(world.stripe.objects("charge")) == 1
    assert numbers(world) == before


def test_edge_29_a_refund_that_was_only_asked_for_in_the_backup_is_made_once(
    app: Flask, world: World, backup: Backup
) -> None:
    world.give(ADA, Money(5000, "eur"), Interval.once)
    intent_id = world.one(Payment).stripe_payment_intent_id
    place(world, AskKind.refund, intent_id, amount=Money(1000, "eur"))
    backup.make()
    finish(world)
    world.advance(days=2 * SIX_HOURS_DAYS + 1)

    start_and_catch_up(app, world, backup)
    finish(world)

    assert [one["amount"] for one in world.stripe.objects("refund")] == [1000]
    assert world.one(Payment).amount_refunded_minor == 1000
