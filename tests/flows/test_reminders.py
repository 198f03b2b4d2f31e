"""A reminder: confirmed by its recipient, sent once next month, and then nothing of it is left."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
import time_machine

from app.db import transaction
from app.flows.housekeeping import keep_house
from app.flows.parts import Parts
from app.flows.remind import (
    ask_reminder,
    confirm_reminder,
    forget_reminders,
    look_at_reminder,
    remind,
    stop_reminder,
)
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import MailKind, QueuedMail
from app.reminders.models import Reminder
from app.reminders.waiting import Wish, next_month
from app.vault.models import Contact
from tests.support.canary import dump, found_in
from tests.support.cast import ADA, BEN, CANARY
from tests.support.letters import link_in, said_in
from tests.support.mail import MailCatcher
from tests.support.world import World

FIVE_MONTHLY = Wish(
    amount=Money(500, "eur"), currency="eur", interval=Interval.month, campaign="spring", language="en"
)
A_MONTH = timedelta(days=32)


def confirm_by(mail: EmailMessage, parts: Parts) -> str:
    """Press the button behind a mail's link; returns its token."""
    token = token_in(mail)
    confirm_reminder(parts, token, now=utc_now())
    return token


def token_in(mail: EmailMessage) -> str:
    """Return the token of a reminder's links."""
    return str(mail["List-Unsubscribe"]).strip("<>").split("/")[-2]


def test_it_is_sent_once_next_month_and_forgotten(world: World, mails: MailCatcher) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())
    world.send_mail()
    confirm_by(mails.messages[0], world.parts)
    assert remind(world.parts, now=utc_now()) == 0

    with time_machine.travel(utc_now() + A_MONTH):
        assert remind(world.parts, now=utc_now()) == 1
        world.send_mail()
        later = utc_now() + timedelta(hours=1)
        assert remind(world.parts, now=later) == 0
        world.send_mail()

    assert len(mails.messages) == 2
    reminder = mails.messages[1]
    assert reminder["To"] == "ada@example.org"
    assert "You had chosen: €5 every month" in said_in(reminder)
    link = link_in(reminder, "/support?")
    assert link.endswith("interval=month&currency=eur&amount=5&campaign=spring&lang=en")
    assert world.rows(Reminder) == []
    assert world.rows(Contact) == []


def test_nothing_is_sent_to_whoever_did_not_press_the_button(world: World, mails: MailCatcher) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())
    world.send_mail()

    with time_machine.travel(utc_now() + A_MONTH):
        assert remind(world.parts, now=utc_now()) == 0
        world.send_mail()

    assert len(mails.messages) == 1


def test_an_address_never_confirmed_is_forgotten_after_three_days(world: World) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())

    forget_reminders(world.parts, now=utc_now() + timedelta(days=2))
    assert len(world.rows(Reminder)) == 1
    with time_machine.travel(utc_now() + timedelta(days=3, minutes=1)):
        keep_house(world.parts)
        forget_reminders(world.parts, now=utc_now())

    assert world.rows(Reminder) == []
    assert world.rows(Contact) == []


def test_one_reminder_waits_for_a_mailbox_and_one_mail_a_day_is_sent(
    world: World, mails: MailCatcher
) -> None:
    yearly = Wish(amount=None, currency="usd", interval=Interval.year, campaign=None, language="ru")
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False) as clock:
        for address in ("ben@gmail.com", "B.en+news@googlemail.com"):
            ask_reminder(world.parts, address, FIVE_MONTHLY, network="", now=utc_now())
        ask_reminder(world.parts, "ben@gmail.com", yearly, network="", now=utc_now())
        world.send_mail()
        assert len(mails.messages) == 1
        clock.shift(timedelta(days=1))
        ask_reminder(world.parts, "ben@gmail.com", yearly, network="", now=utc_now())
        world.send_mail()

    assert len(mails.messages) == 2
    row = world.one(Reminder)
    assert (row.interval, row.currency, row.amount_minor, row.language) == (Interval.year, "usd", None, "ru")
    assert "Подтвердить напоминание" in said_in(mails.messages[1])


def test_a_confirmed_reminder_is_not_changed_by_whoever_types_the_address(
    world: World, mails: MailCatcher
) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())
    world.send_mail()
    confirm_by(mails.messages[0], world.parts)
    mails.clear()
    dear = replace(FIVE_MONTHLY, amount=Money(90_000, "eur"), interval=Interval.once)

    ask_reminder(world.parts, ADA.address, dear, network="", now=utc_now() + timedelta(days=2))

    assert world.one(Reminder).amount_minor == 500
    assert [mail.kind for mail in world.rows(QueuedMail)] == [MailKind.reminder_confirm]


def test_pressed_twice_it_is_confirmed_once(world: World, mails: MailCatcher) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())
    world.send_mail()
    token = confirm_by(mails.messages[0], world.parts)
    due = world.one(Reminder).due_at

    confirm_reminder(world.parts, token, now=utc_now() + timedelta(days=9))

    assert world.one(Reminder).due_at == due


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_stopping_deletes_reminder_and_address_and_no_mail_follows(
    world: World, mails: MailCatcher, is_confirmed: bool
) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())
    world.send_mail()
    token = token_in(mails.messages[0])
    if is_confirmed:
        confirm_reminder(world.parts, token, now=utc_now())

    stop_reminder(world.parts, token)
    stop_reminder(world.parts, token)

    assert world.rows(Reminder) == []
    assert world.rows(Contact) == []
    assert look_at_reminder(world.parts, token) is None
    assert confirm_reminder(world.parts, token, now=utc_now()) is None


def test_a_mail_that_was_queued_is_dropped_once_its_reminder_is_stopped(
    world: World, mails: MailCatcher
) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())
    with transaction(world.parts.sessions) as session:
        world.parts.vault.forget_contact(session, world.one(Reminder).id)

    world.send_mail()

    assert mails.messages == []
    assert world.one(QueuedMail).dropped_at


def test_who_supports_by_then_is_not_reminded(world: World, mails: MailCatcher) -> None:
    for person in (ADA, BEN):
        ask_reminder(world.parts, person.address, FIVE_MONTHLY, network="", now=utc_now())
    world.send_mail()
    for mail in list(mails.messages):
        confirm_by(mail, world.parts)
    world.give(ADA)
    world.send_mail()
    mails.clear()

    with time_machine.travel(utc_now() + A_MONTH):
        remind(world.parts, now=utc_now())
        world.send_mail()
        forget_reminders(world.parts, now=utc_now())

    assert [mail["To"] for mail in mails.messages] == ["ben@example.org"]
    assert world.rows(Reminder) == []


def test_both_letters_can_be_stopped_by_the_mail_program(world: World, mails: MailCatcher) -> None:
    ask_reminder(world.parts, ADA.address, FIVE_MONTHLY, network="", now=utc_now())
    world.send_mail()
    confirm_by(mails.messages[0], world.parts)
    with time_machine.travel(utc_now() + A_MONTH):
        remind(world.parts, now=utc_now())
        world.send_mail()

    for mail in mails.messages:
        assert str(mail["List-Unsubscribe"]).startswith("<http://localhost/reminders/")
        assert str(mail["List-Unsubscribe"]).endswith("/stop>")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_receipt_bears_no_list_unsubscribe(world: World, mails: MailCatcher) -> None:
    world.give(ADA)
    world.send_mail()

    assert mails.messages
    assert [mail["List-Unsubscribe"] for mail in mails.messages] == [None] * len(mails.messages)


def test_no_row_in_clear_names_who_is_to_be_reminded(world: World, database_url: str) -> None:
    ask_reminder(world.parts, CANARY.address, FIVE_MONTHLY, network="", now=utc_now())

    assert world.one(Reminder)
    assert found_in(dump(database_url)) == set()


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 11, 25), date(2026, 12, 25)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2026, 2, 28), date(2026, 3, 28)),
    ],
)
def test_next_month_is_the_same_day_or_that_months_last(today: date, due: date) -> None:
    zone = ZoneInfo("Europe/Berlin")
    evening = datetime(today.year, today.month, today.day, 23, tzinfo=zone)

    at = next_month(evening, zone)

    assert at == datetime(due.year, due.month, due.day, 9, tzinfo=zone)
