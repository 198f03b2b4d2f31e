"""The worker dies before or after any commit, request or answer: the next one ends what it was at, once."""

from app.billing.models import Invoice
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from tests.faults.mortal import HOURS_LATER, Mortal, until_it_lives
from tests.support.cast import ADA, reader
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.world import World

A_MONTH_DAYS = 31


def die_and_be_followed(world: World, mortal: Mortal, nth: int) -> bool:
    """Let a worker die at the nth edge of all that is due, and another one do the rest."""
    world.deliver()
    died = mortal.dies("drain", nth, edges=True)
    world.wait_and(world.work, hours=HOURS_LATER)
    world.settle()
    world.wait_and(world.send_mail, hours=HOURS_LATER)
    return died


def check_all(world: World, mails: MailCatcher, count: int) -> None:
    """So many receipts, each mailed under one id, and no difference to Stripe."""
    queued = world.rows(QueuedMail)
    assert len(world.rows(Receipt)) == len(queued) == count
    assert all(mail.sent_at for mail in queued)
    assert {mail["Message-ID"] for mail in mails.messages} == {
        f"<{mail.id}@harbour-courier.example>" for mail in queued
    }
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_renewal_whose_worker_died_is_recorded_once(
    world: World, mortal: Mortal, mails: MailCatcher
) -> None:
    world.give(ADA)
    world.send_mail()

    def dies(nth: int) -> bool:
        world.advance(days=A_MONTH_DAYS)
        return die_and_be_followed(world, mortal, nth)

    deaths = until_it_lives(dies)

    assert len(world.rows(Invoice)) >= deaths + 2
    check_all(world, mails, len(world.rows(Invoice)))


def test_a_sign_up_whose_worker_died_is_recorded_once(
    world: World, mortal: Mortal, mails: MailCatcher
) -> None:
    def dies(nth: int) -> bool:
        person = reader(nth)
        world.pay(world.open_session(world.form(person)), person)
        return die_and_be_followed(world, mortal, nth)

    deaths = until_it_lives(dies)

    check_all(world, mails, deaths + 1)
