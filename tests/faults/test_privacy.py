"""A name and an address go through everything, and stay out of logs, rows in clear and Stripe's metadata."""

import base64
import json
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from app.flows.people.erase import erase_by_code
from app.flows.receipts import receipt_link
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from app.vault.models import Contact, Person
from config.settings import Settings
from tests.faults.newsroom import Gift, Newsroom, Reader
from tests.support.canary import WORDS, dump, found_in, needles
from tests.support.cast import CANARY, DECLINED
from tests.support.letters import link_in, links_in
from tests.support.mail import MailCatcher
from tests.support.processes import wait_until
from tests.support.simulator import DoorRefused, SimulatorProcess
from tests.support.visitor import FORM, Visitor
from tests.support.world import World
from tests.web.reader import path_of

WAIT_SECONDS = 60
KINDS = "checkout.session customer subscription invoice payment_intent charge refund product price".split()


@pytest.fixture
def newsroom(settings: Settings, stripe: SimulatorProcess, tmp_path: Path) -> Iterator[Newsroom]:
    made = Newsroom(settings, stripe, tmp_path)
    made.open()
    yield made
    made.close()


def test_the_canary_is_found_nowhere(
    newsroom: Newsroom, world: World, mails: MailCatcher, database_url: str
) -> None:
    mistakes_and_refusals(newsroom)
    troubled_gifts(newsroom, world, mails)
    links_and_forms_left_behind(newsroom, world)

    logs = newsroom.web.said() + newsroom.workers[0].said()
    for told in ("mail.sent", "mail.failed", "sync.postponed"):
        assert told in logs, "this trouble was not logged at all"
    assert found_in(logs) == set()
    assert world.rows(Person)
    assert world.rows(Contact)
    assert found_in(dump(database_url)) == set()
    assert found_in(metadata_at_stripe(newsroom.stripe)) == set()
    assert fields_that_name_the_canary(newsroom.stripe) == {"customer_email"}
    assert len(mails.messages) == 1


def test_a_renewal_that_fails_leaves_the_canary_nowhere(
    newsroom: Newsroom, world: World, mails: MailCatcher, database_url: str
) -> None:
    """Mails are sent, their links opened and their buttons pressed, Stripe fails at some, support ends."""
    session_id = world.open_session(world.form(CANARY))
    world.pay(session_id, CANARY)
    wait_until(lambda: len(mails.messages) == 1, WAIT_SECONDS)
    world.change_card(world.subscription_id(), "tok_chargeCustomerFail")
    world.advance(days=31.2)
    wait_until(lambda: len(mails.messages) == 2, WAIT_SECONDS)

    press_every_button(newsroom, mails.messages[-1])
    wait_until(lambda: len(mails.messages) == 3, WAIT_SECONDS)

    logs = newsroom.web.said() + newsroom.workers[0].said()
    for told in ("ask.refused", "ask.done", "mail.sent"):
        assert told in logs, "this was not logged at all"
    assert found_in(logs) == set()
    assert {mail.kind for mail in world.rows(QueuedMail)} == {
        MailKind.receipt,
        MailKind.payment_failed,
        MailKind.support_ended,
    }
    assert found_in(dump(database_url)) == set()
    assert found_in(metadata_at_stripe(newsroom.stripe)) == set()
    assert fields_that_name_the_canary(newsroom.stripe) == {"customer_email"}
    for mail in mails.messages[1:]:
        assert not [link for link in links_in(mail, "http") if found_in(link)]


def press_every_button(newsroom: Newsroom, mail: EmailMessage) -> None:
    """Try the card again, ask for another, and end the support; the canary is typed wherever it can be."""
    visitor = Visitor(newsroom.web.url)
    mend, end = path_of(link_in(mail, "/manage/mend/")), path_of(link_in(mail, "/manage/end/"))
    typed = f"press={new_nonce()}&email={quote(CANARY.address)}"
    back = visitor.ask("POST", mend, f"{typed}&way=again".encode(), FORM).location
    assert visitor.get(path_of(back)).status == 200
    newsroom.stripe.faults("fail_before", method="POST", route="/v1/billing_portal/sessions", count=2)
    assert visitor.ask("POST", mend, f"{typed}&way=card".encode(), FORM).status == 503
    assert visitor.ask("POST", mend, f"{typed}&way=card".encode(), FORM).status == 303
    assert visitor.get(f"/manage/end/{quote(CANARY.address)}").status == 404
    assert visitor.ask("POST", end, f"{typed}&what=now".encode(), FORM).status == 303


def test_what_searches_for_the_canary_finds_it() -> None:
    """In clear, shouted, in hexadecimal, in base64 and escaped for an address."""
    assert found_in(f"mail to {CANARY.address}")
    assert found_in(str(CANARY.name).upper())
    assert found_in(CANARY.address.encode().hex())
    for start in range(3):
        assert found_in(base64.b64encode(b"x" * start + CANARY.address.encode()).decode())
    assert not found_in("a member K7QM-3F2P gave 200 eur")


def test_nothing_short_enough_to_stand_somewhere_by_chance_is_searched_for() -> None:
    """Random base64 of a sealed receipt holds any four characters sooner or later, and never these."""
    assert min(len(needle) for word in WORDS for needle in needles(word)) >= 7


def mistakes_and_refusals(newsroom: Newsroom) -> None:
    """Forms that come back, webhooks that are refused, addresses in places where none belongs."""
    visitor = Visitor(newsroom.web.url)
    assert visitor.send_form(CANARY, nonce=new_nonce(), amount="0.01").status == 422
    assert visitor.send_form(CANARY, nonce="short").status == 422
    assert visitor.send_form(CANARY, nonce=new_nonce(), currency="xxx").status == 422
    sent = f"email={quote(CANARY.address)}&name={'Zoraida' * 30}&nonce={new_nonce()}".encode()
    assert visitor.ask("POST", "/support", sent, FORM).status == 422
    payload = f'{{"id": "evt_1", "email": "{CANARY.address}"'.encode()
    assert visitor.ask("POST", "/webhooks/stripe", payload, {"Stripe-Signature": "t=1"}).status == 400
    for path in (
        "/support/thanks?session_id=",
        "/support/resume/",
        "/receipts/",
        "/nowhere/",
        "/support?name=",
    ):
        visitor.get(path + quote(CANARY.address))
    spies = {"User-Agent": CANARY.address, "Referer": f"https://x.example/{quote(CANARY.address)}"}
    visitor.ask("GET", "/support", None, spies)
    visitor.ask("GET", "/nowhere", None, {"Cookie": f"session={CANARY.address}"})


def troubled_gifts(newsroom: Newsroom, world: World, mails: MailCatcher) -> None:
    """A card is declined; Stripe fails at the form and at the sync; mail is put off, refused, taken."""
    declined = world.open_session(world.form(CANARY))
    with pytest.raises(DoorRefused):
        world.pay(declined, CANARY, card=DECLINED)
    newsroom.stripe.faults("fail_before", method="POST", route="/v1/checkout/sessions", count=2)
    newsroom.stripe.faults("fail_before", method="GET", route="/v1/payment_intents/*", count=4)
    for number, answer in enumerate(
        (f"451 <{CANARY.address}> later", f"550 {CANARY.name} is unknown", ""), 1
    ):
        mails.refusals.clear()
        if answer:
            mails.refusals[CANARY.address] = answer
        Reader(CANARY, newsroom, threading.Event(), Gift(interval="once")).give()
        wait_until(partial(has_tried, world, number), WAIT_SECONDS)


def has_tried(world: World, number: int) -> bool:
    """Whether so many mails were sent, dropped or put off."""
    tried = [mail for mail in world.rows(QueuedMail) if mail.sent_at or mail.dropped_at or mail.attempts]
    return len(tried) == number


def links_and_forms_left_behind(newsroom: Newsroom, world: World) -> None:
    """The receipt is fetched and asked for again; a further form is sent and never paid."""
    visitor = Visitor(newsroom.web.url)
    token = receipt_link(world.parts, world.rows(Receipt)[0].id).rpartition("/")[2]
    assert visitor.get(f"/receipts/{token}").status == 200
    world.send(world.form(CANARY))


def metadata_at_stripe(stripe: SimulatorProcess) -> str:
    """Return what stands in the metadata of everything at Stripe."""
    return json.dumps([one.get("metadata") for kind in KINDS for one in stripe.objects(kind)])


def fields_that_name_the_canary(stripe: SimulatorProcess) -> set[str]:
    """Return which parameters of our own requests name the reader."""
    asked = [one.get("params", {}) for one in stripe.requests()]
    return {name for params in asked for name, value in params.items() if found_in(json.dumps(value))}


def test_an_erased_person_is_in_no_row_that_can_be_read(world: World, database_url: str) -> None:
    world.give(CANARY)
    erase_by_code(world.parts, world.one(Member).code, now=utc_now())

    assert world.rows(Person) == []
    assert found_in(dump(database_url)) == set()
