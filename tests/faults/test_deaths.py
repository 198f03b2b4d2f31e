"""The process dies between any two statements of a flow: whoever comes after ends it, once."""

from collections import Counter

import pytest
from stripe.params import RefundCreateParams

from app.flows.give import CheckoutReady
from app.flows.sync import sync_at_once
from app.giving.models import Pledge
from app.inbox.models import InboxEvent, ObjectType, WantedObject
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.models import QueuedMail
from tests.faults.mortal import HOURS_LATER, Mortal, until_it_lives
from tests.support.cast import ADA, reader
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.simulator import Json
from tests.support.world import World


def test_a_form_whose_process_died_leads_to_its_one_session(world: World, mortal: Mortal) -> None:
    def dies(nth: int) -> bool:
        form = world.form(reader(nth))
        died = mortal.dies("give", nth, nonce=form.nonce, address=form.contact.address)
        opening = []
        world.wait_and(lambda: opening.append(world.send(form)), hours=HOURS_LATER)
        assert isinstance(opening[0], CheckoutReady)
        return died

    deaths = until_it_lives(dies)

    sessions = world.stripe.objects("checkout.session")
    assert len(sessions) == len(world.rows(Pledge)) == deaths + 1
    assert len({session["metadata"]["pledge"] for session in sessions}) == deaths + 1


def test_an_event_whose_process_died_is_stored_by_the_next_delivery(world: World, mortal: Mortal) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    (sample, *_) = world.collect()

    def dies(nth: int) -> bool:
        event = {**sample, "id": f"evt_{nth}"}
        payload, header, _ = world.signed(event)
        died = mortal.dies("receive", nth, payload=payload.decode(), header=header)
        assert world.deliver_event(event) is died
        return died

    deaths = until_it_lives(dies)

    assert len(world.rows(InboxEvent)) == deaths + 1
    assert world.one(WantedObject).wanted == deaths + 1


@pytest.mark.parametrize(
    ("kind", "told_by"),
    [
        ("payment_intent", "payment_intent.succeeded"),
        ("customer.subscription", "customer.subscription.updated"),
        ("invoice", "invoice.paid"),
        ("checkout.session", "checkout.session.completed"),
        ("refund", "refund.created"),
    ],
)
def test_a_sync_that_died_is_done_by_the_next_worker(
    world: World, mortal: Mortal, kind: str, told_by: str
) -> None:
    def dies(nth: int) -> bool:
        event = told_of_gift(world, nth, told_by)
        world.deliver_event(event)
        wanted = event["data"]["object"]
        return mortal.dies("sync", nth, type=kind.removeprefix("customer."), id=wanted["id"])

    deaths = until_it_lives(dies)

    world.wait_and(world.work, hours=HOURS_LATER)
    world.settle()
    assert differences(world.parts.sessions, world.stripe) == []
    assert len(world.rows(Member)) == deaths + 1


def told_of_gift(world: World, number: int, told_by: str) -> Json:
    """Let another reader give, be refunded where it is about refunds, and return the event that tells."""
    person = reader(number)
    session_id = world.open_session(world.form(person))
    world.pay(session_id, person)
    if told_by.startswith("refund"):
        world.deliver()
        world.work()
        newest = world.stripe.objects("payment_intent")[-1]
        params: RefundCreateParams = {"payment_intent": newest["id"], "amount": 50}
        world.v1.refunds.create(params)
    elif told_by.startswith("customer.subscription"):
        bring_in_payment(world)
    world.collect()
    return next(event for event in world.undelivered[::-1] if event["type"] == told_by)


def bring_in_payment(world: World) -> None:
    """Have the first payment projected, and no more: the subscription has a membership to start."""
    newest = world.stripe.objects("payment_intent")[-1]
    sync_at_once(world.parts, (ObjectType.payment_intent, newest["id"]), now=utc_now())


def test_a_mail_whose_sender_died_goes_out_under_the_same_id(
    world: World, mortal: Mortal, mails: MailCatcher
) -> None:
    def dies(nth: int) -> bool:
        world.give(reader(nth), Money(2500, "eur"), Interval.once)
        died = mortal.dies("send", nth)
        world.wait_and(world.send_mail, hours=HOURS_LATER)
        return died

    deaths = until_it_lives(dies)

    queued = world.rows(QueuedMail)
    assert len(queued) == deaths + 1
    assert all(mail.sent_at for mail in queued)
    sent = Counter((mail["Message-ID"], mail["To"]) for mail in mails.messages)
    assert {of for of, _ in sent} == {f"<{mail.id}@harbour-courier.example>" for mail in queued}
    assert len(sent) == len(queued)
    assert 2 in sent.values(), "one death falls between the server's yes and our note of it"
