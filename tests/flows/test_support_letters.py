"""What letters say of money and of what comes next: a last try, an end, one taken back, a refund."""

from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from app.asks.models import AskKind
from app.billing.models import Invoice, Payment, Subscription
from app.kernel.clock import local_date
from app.kernel.formatting import format_day
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import MailKind, QueuedMail
from tests.support.asking import ask
from tests.support.cast import ADA
from tests.support.letters import links_in, said_in
from tests.support.mail import MailCatcher
from tests.support.world import World

TEN = Money(1000, "eur")
KEPT = "What you have paid already is not given back by this."


def join(world: World, language: str = "en") -> str:
    """Let Ada give ten euros a month; returns the subscription."""
    world.pay(world.open_session(world.form(ADA, TEN, language=language)), ADA)
    world.settle()
    world.send_mail()
    return world.subscription_id()


def newest(world: World, mails: MailCatcher) -> EmailMessage:
    """Send what is due and return the last of it."""
    mails.clear()
    world.send_mail()
    return mails.messages[-1]


def day_in(world: World, at: datetime, language: str) -> str:
    """Return a day as `said_in` shows it, with plain spaces."""
    return " ".join(format_day(local_date(at, world.parts.newsroom.zone), language).split())


LAST_TRY = {
    "en": ("we try again by ourselves on", "we try one last time by ourselves on", "Should that fail too"),
    "ru": ("следующая попытка будет", "мы попробуем ещё раз, последний", "Если не получится и тогда"),
}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_letter_before_the_last_try_says_that_it_is_the_last(
    world: World, mails: MailCatcher, language: str
) -> None:
    support = join(world, language)
    world.change_card(support, "tok_chargeCustomerFail")
    said = []
    for days in (31.2, 3, 5):
        world.advance(days=days)
        world.settle()
        said.append(said_in(newest(world, mails)))

    further, last, then = LAST_TRY[language]
    assert [further in words for words in said] == [True, True, False]
    assert [last in words and then in words for words in said] == [False, False, True]
    next_at = world.rows(Invoice)[-1].next_attempt_at
    assert next_at
    day = day_in(world, next_at, language)
    assert said[-1].count(day) == 2, "among the facts, and once in the sentence"


def test_one_ended_at_once_hears_that_nothing_comes_back_by_itself(world: World, mails: MailCatcher) -> None:
    ask(world, AskKind.cancel, join(world))

    assert KEPT in said_in(newest(world, mails))


def test_one_ended_at_once_and_refunded_hears_how_much_comes_back(world: World, mails: MailCatcher) -> None:
    support = join(world)
    intent_id = world.one(Payment).stripe_payment_intent_id
    world.v1.refunds.create({"payment_intent": intent_id, "amount": 400})
    ask(world, AskKind.cancel, support)

    newest(world, mails)

    (said,) = [said_in(mail) for mail in mails.messages if "has ended" in mail["Subject"]]
    assert "Of your last payment, €4 goes back to you" in said
    assert KEPT not in said


def test_one_that_ends_with_its_period_or_while_overdue_has_no_money_to_hear_of(
    world: World, mails: MailCatcher
) -> None:
    support = join(world)
    ask(world, AskKind.cancel_later, support)
    world.advance(days=32)
    world.settle()
    with_its_period = said_in(newest(world, mails))
    again = join_again(world)
    world.change_card(again, "tok_chargeCustomerFail")
    world.advance(days=32)
    world.settle()
    world.send_mail()
    ask(world, AskKind.cancel, again)
    while_overdue = said_in(newest(world, mails))

    for said in (with_its_period, while_overdue):
        assert "Your support has ended" in said
        assert "given back" not in said
        assert "goes back" not in said


def join_again(world: World) -> str:
    world.give(ADA, TEN)
    world.send_mail()
    (running,) = [row for row in world.rows(Subscription) if row.ended_at is None]
    return running.stripe_subscription_id


@pytest.mark.parametrize(
    ("language", "words"), [("en", "It was to end, and that was taken back."), ("ru", "это решение отменено")]
)
def test_an_end_that_was_taken_back_is_told_once(
    world: World, mails: MailCatcher, language: str, words: str
) -> None:
    support = join(world, language)
    ask(world, AskKind.cancel_later, support)
    world.send_mail()
    ask(world, AskKind.take_back, support)
    world.deliver([*world.delivered])
    world.come_through()

    mail = newest(world, mails)

    assert len(mails.messages) == 1
    assert words in said_in(mail)
    due = world.one(Subscription).current_period_end
    assert due
    assert day_in(world, due, language) in said_in(mail)
    assert len(links_in(mail, "/manage/end/")) == 1


def test_an_end_taken_back_and_wanted_after_all_is_not_said_to_go_on(
    world: World, mails: MailCatcher
) -> None:
    support = join(world)
    for kind in (AskKind.cancel_later, AskKind.take_back, AskKind.cancel_later):
        ask(world, kind, support)
        world.advance(days=1)

    mails.clear()
    world.send_mail()

    assert {mail["Subject"] for mail in mails.messages} == {"Your support for The Harbour Courier will end"}
    (kept,) = world.rows(QueuedMail, QueuedMail.kind == MailKind.support_resumed)
    assert kept.last_error == "it is to end after all"


def refund_letter(world: World, mails: MailCatcher) -> EmailMessage:
    intent_id = world.rows(Payment)[0].stripe_payment_intent_id
    world.v1.refunds.create({"payment_intent": intent_id, "amount": 100})
    world.settle()
    mails.clear()
    world.send_mail()
    (mail,) = [one for one in mails.messages if "given back" in one["Subject"] or "Возврат" in one["Subject"]]
    return mail


@pytest.mark.parametrize(("language", "words"), [("en", "it goes on."), ("ru", "она продолжается.")])
def test_a_refund_says_that_support_goes_on_and_how_to_end_it(
    world: World, mails: MailCatcher, language: str, words: str
) -> None:
    join(world, language)

    mail = refund_letter(world, mails)

    assert words in said_in(mail)
    assert len(links_in(mail, "/manage/end/")) == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (AskKind.cancel, "has ended; nothing more is charged."),
        (AskKind.cancel_later, "ends on {day}; nothing more is charged."),
        (AskKind.pause, "is paused, and goes on when the pause is over."),
    ],
)
def test_a_refund_says_how_support_stands_that_does_not_simply_go_on(
    world: World, mails: MailCatcher, kind: AskKind, words: str
) -> None:
    support = join(world)
    due = world.one(Subscription).current_period_end
    assert due
    until = {"resumes_at": due + timedelta(days=10)} if kind is AskKind.pause else {}
    ask(world, kind, support, **until)

    mail = refund_letter(world, mails)

    day = day_in(world, due, "en")
    assert f"Your support of €10 every month {words.format(day=day)}" in said_in(mail)
    assert len(links_in(mail, "/manage/end/")) == (kind is AskKind.pause)


def test_the_refund_of_a_single_gift_says_nothing_of_support(world: World, mails: MailCatcher) -> None:
    world.give(ADA, TEN, Interval.once)

    assert "Your support" not in said_in(refund_letter(world, mails))
