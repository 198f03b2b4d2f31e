"""Erasing a person: here at once, at Stripe as soon as it answers, with the books whole."""

from datetime import timedelta

import pytest

from app.asks.models import Ask, AskedBy, AskKind
from app.billing.models import Customer, Payment, Refund, Subscription
from app.flows.draw import draw_credit_note
from app.flows.people.erase import erase
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import FactCause, FactKind, Member, MembershipFact
from app.outbox.models import QueuedMail
from app.receipts.models import CreditNote, Receipt
from app.vault.models import Contact, Person
from tests.support.asking import charged, finish
from tests.support.cast import ADA
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.pdf import text_of
from tests.support.world import World


def forget(world: World, *, asked_by: AskedBy = AskedBy.member) -> bool:
    return erase(world.parts, world.one(Member).id, asked_by=asked_by, now=utc_now())


def test_edge_26_who_is_erased_while_subscribed_is_never_charged_again(world: World) -> None:
    world.give(ADA)

    assert forget(world)
    finish(world)
    world.advance(days=70)
    world.settle()

    assert charged(world) == [200]
    assert world.one(Subscription).ended_at
    assert world.one(Customer).deleted_at
    (ended,) = world.rows(MembershipFact, MembershipFact.kind == FactKind.ended)
    assert ended.cause is FactCause.member
    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == 1


def test_edge_26_a_refund_on_its_way_is_booked_and_has_its_credit_note(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    intent_id = world.one(Payment).stripe_payment_intent_id
    world.v1.refunds.create({"payment_intent": intent_id, "amount": 1000})

    forget(world)
    finish(world)

    assert world.one(Refund).amount_minor == 1000
    assert "Ada" not in text_of(draw_credit_note(world.parts, world.one(CreditNote).id).pdf)
    assert differences(world.parts.sessions, world.stripe) == []


def test_nothing_of_the_person_is_left_but_the_address_of_the_last_mail(
    world: World, mails: MailCatcher
) -> None:
    world.give(ADA)
    world.send_mail()
    mails.messages.clear()

    forget(world)
    assert world.rows(Person) == []
    assert len(world.rows(Contact)) == 1
    world.send_mail()

    (mail,) = mails.messages
    assert mail["To"] == "Ada Adler <ada@example.org>"
    assert "You are forgotten" in mail["Subject"]


def test_the_last_mail_is_tried_for_days_and_the_address_then_forgotten(world: World) -> None:
    world.give(ADA)
    forget(world)

    (contact,) = world.rows(Contact)

    assert timedelta(days=5) < contact.forget_at - utc_now() < timedelta(days=7)


def test_stripe_forgets_the_person_too_however_long_it_is_away(world: World) -> None:
    world.give(ADA)
    world.stripe.faults("fail_before", method="DELETE", route="/v1/customers/*", count=2)

    forget(world)
    finish(world)

    assert world.parts.gateway.fetch_customer(world.one(Customer).stripe_customer_id).deleted
    assert {ask.kind for ask in world.rows(Ask)} == {AskKind.cancel, AskKind.forget_customer}
    assert all(ask.done_at for ask in world.rows(Ask))


def test_erasing_twice_is_erasing_once(world: World) -> None:
    world.give(ADA)

    assert forget(world)
    assert not forget(world)

    assert len(world.rows(Ask)) == 2
    assert len(world.rows(QueuedMail)) == 2
    assert world.one(Member).erased_at


def test_who_gives_again_after_an_erasure_is_somebody_new(world: World) -> None:
    world.give(ADA, Money(1000, "eur"), Interval.once)
    forget(world)
    finish(world)

    world.give(ADA, Money(1000, "eur"), Interval.once)

    codes = {member.code for member in world.rows(Member)}
    assert len(codes) == 2
    assert len(world.rows(Person)) == 1


@pytest.mark.parametrize("asked_by", [AskedBy.member, AskedBy.staff])
def test_the_end_of_support_tells_who_wanted_it(world: World, asked_by: AskedBy) -> None:
    world.give(ADA)

    forget(world, asked_by=asked_by)
    finish(world)

    (ended,) = world.rows(MembershipFact, MembershipFact.kind == FactKind.ended)
    assert ended.cause == FactCause(asked_by.value)
