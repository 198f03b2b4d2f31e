"""Members are told in time: a yearly charge, a raised amount, a card that runs out; once each."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from app.billing.models import Subscription
from app.db import transaction
from app.flows.notices import give_notice, give_notice_daily
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import MailKind, QueuedMail
from tests.support.cast import ADA, BEN, reader
from tests.support.letters import link_in, said_in
from tests.support.mail import MailCatcher
from tests.support.world import World

SIXTY = (Money(6000, "eur"), Interval.year)


def before_charge(world: World, days: float) -> datetime:
    """Return the instant so many days before the only subscription's next charge."""
    at = world.one(Subscription).current_period_end
    assert at
    return at - timedelta(days=days)


def send_then(world: World, days: float) -> None:
    """Send what is due so many days before the charge."""
    with time_machine.travel(before_charge(world, days), tick=True):
        world.send_mail()


def given(world: World) -> list[MailKind]:
    told = (MailKind.charge_coming, MailKind.card_expiring)
    return [mail.kind for mail in world.rows(QueuedMail, QueuedMail.kind.in_(told))]


def set_row(world: World, **values: Any) -> None:
    """Set columns of every subscription, as Stripe would show them."""
    with transaction(world.parts.sessions) as session:
        session.execute(sa.update(Subscription).values(values))


def test_a_yearly_charge_is_told_of_once_with_amount_day_and_card(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *SIXTY)
    world.send_mail()
    mails.clear()
    assert give_notice(world.parts, now=before_charge(world, 15)) == 0

    assert [give_notice(world.parts, now=before_charge(world, days)) for days in (13.9, 5, 1)] == [1, 0, 0]
    send_then(world, 1)

    (mail,) = mails.messages
    for kind in ("plain", "html"):
        assert "€60" in said_in(mail, kind)
        assert "Visa ending 4242" in said_in(mail, kind)
    assert link_in(mail, "/manage/mend/")
    assert link_in(mail, "/manage/end/")


def test_the_next_years_charge_is_told_of_anew(world: World) -> None:
    world.give(ADA, *SIXTY)
    give_notice(world.parts, now=before_charge(world, 5))
    world.advance(days=366)
    world.settle()

    give_notice(world.parts, now=before_charge(world, 5))

    assert given(world) == [MailKind.charge_coming] * 2


def test_a_raised_amount_is_told_of_before_it_is_first_charged(world: World) -> None:
    world.give(ADA)
    assert give_notice(world.parts, now=before_charge(world, 1)) == 0
    world.change_amount(world.subscription_id(), Money(900, "eur"))
    world.settle()

    assert give_notice(world.parts, now=before_charge(world, 8)) == 0
    assert give_notice(world.parts, now=before_charge(world, 6)) == 1
    world.advance(days=32)
    world.settle()
    assert give_notice(world.parts, now=before_charge(world, 6)) == 0


def test_a_lowered_amount_needs_no_notice(world: World) -> None:
    world.give(ADA, Money(900, "eur"))
    world.change_amount(world.subscription_id(), Money(300, "eur"))
    world.settle()

    assert give_notice(world.parts, now=before_charge(world, 1)) == 0


def test_a_card_that_runs_out_is_told_of_once_and_not_once_it_is_replaced(
    world: World, mails: MailCatcher
) -> None:
    world.give(ADA)
    world.send_mail()
    mails.clear()
    at = before_charge(world, 0)
    set_row(world, method_expires_on=(at - timedelta(days=2)).date())

    assert [give_notice(world.parts, now=before_charge(world, days)) for days in (29, 5)] == [1, 0]
    world.change_card(world.subscription_id(), "tok_visa")
    world.settle()
    send_then(world, 1)

    assert mails.messages == []
    dropped = world.one(QueuedMail, QueuedMail.kind == MailKind.card_expiring)
    assert dropped.last_error == "it is charged to another card by now"


def test_the_cards_notice_says_which_and_until_when(world: World, mails: MailCatcher) -> None:
    world.give(BEN)
    world.send_mail()
    mails.clear()
    good_until = (before_charge(world, 3)).date()
    set_row(world, method_expires_on=good_until)
    give_notice(world.parts, now=before_charge(world, 20))
    send_then(world, 20)

    (mail,) = mails.messages
    assert "Visa ending 4242" in said_in(mail)
    assert str(good_until.year) in said_in(mail)
    assert link_in(mail, "/manage/mend/")


@pytest.mark.parametrize(
    "column",
    ["cancel_at", "ended_at", "pause_behavior", "status", "member_id"],
)
def test_nobody_is_told_who_will_not_be_charged(world: World, column: str) -> None:
    world.give(ADA, *SIXTY)
    now = before_charge(world, 5)
    values = {
        "cancel_at": before_charge(world, 0),
        "ended_at": utc_now(),
        "pause_behavior": "void",
        "status": "past_due",
        "member_id": None,
    }
    set_row(world, **{column: values[column]})

    assert give_notice(world.parts, now=now) == 0


def test_who_pauses_after_the_notice_was_queued_is_not_sent_it(world: World, mails: MailCatcher) -> None:
    world.give(ADA, *SIXTY)
    give_notice(world.parts, now=before_charge(world, 5))
    set_row(world, pause_behavior="void")
    send_then(world, 1)

    notice = world.one(QueuedMail, QueuedMail.kind == MailKind.charge_coming)
    assert (notice.sent_at, notice.last_error) == (None, "nothing is charged next")
    assert len(mails.messages) == 1


def test_batches_leave_nobody_out_and_tell_nobody_twice(world: World) -> None:
    """Several charges fall on one instant, and batches end in their midst."""
    for number in range(5):
        world.give(reader(number), *SIXTY)
    at = max(row.current_period_end for row in world.rows(Subscription) if row.current_period_end)
    set_row(world, current_period_end=at)

    assert give_notice(world.parts, now=at - timedelta(days=5), most_at_once=2) == 5
    assert len({mail.member_id for mail in world.rows(QueuedMail)}) == 5


def test_one_worker_a_day_looks(world: World) -> None:
    world.give(ADA, *SIXTY)
    now = before_charge(world, 5)

    assert [give_notice_daily(world.parts, now=now) for _ in range(2)] == [1, 0]
    world.give(BEN, *SIXTY)
    assert give_notice_daily(world.parts, now=now + timedelta(hours=23)) == 0
    assert give_notice_daily(world.parts, now=now + timedelta(hours=25)) == 1
