"""Gives and claims gifts as readers do."""

import re
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

from app.db import reading
from app.flows.gifts.claim import ClaimedGift, ask_to_claim, claim_by_link
from app.flows.gifts.look import GivenGift, list_given
from app.flows.give import CheckoutReady, pledge_support
from app.gifts.rules import GiftWish
from app.giving.pledges import Said
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.members.members import find_by_person
from app.members.models import Member
from app.vault.vault import PersonInClear
from tests.support.letters import links_in, said_in
from tests.support.mail import MailCatcher
from tests.support.world import World

CODE = re.compile(r"\b[2-9A-HJKMNP-Z]{4}(?:-[2-9A-HJKMNP-Z]{4}){2}\b")
NETWORK = "192.0.2.1"


def open_gift_session(
    world: World,
    giver: PersonInClear,
    *,
    months: int = 6,
    words: str | None = None,
    recipient: str | None = None,
    send_on: date | None = None,
    nonce: str | None = None,
    language: str = "en",
) -> str:
    """Send the form of a gift; returns the Checkout session it leads to."""
    wish = GiftWish(months=months, words=words, recipient=recipient, send_on=send_on)
    terms = world.parts.newsroom.gifts
    assert terms
    form = world.form(giver, terms.price(months, "eur"), Interval.once, nonce=nonce, language=language)
    form = replace(form, what_for=wish.typed())
    opening = pledge_support(world.parts, form, said=Said(title="A gift"), gift=wish, now=utc_now())
    assert isinstance(opening, CheckoutReady), opening
    return opening.url.rpartition("/")[2]


def give_gift(
    world: World,
    giver: PersonInClear,
    *,
    months: int = 6,
    words: str | None = None,
    recipient: str | None = None,
    send_on: date | None = None,
) -> str:
    """Give and pay, and let everything come through; returns the code that the giver is shown."""
    session_id = open_gift_session(
        world, giver, months=months, words=words, recipient=recipient, send_on=send_on
    )
    world.pay(session_id, giver)
    world.settle()
    code = given_by(world, giver)[0].code
    assert code
    return code


def member_of(world: World, person: PersonInClear) -> Member:
    """Return the member who is this person."""
    with reading(world.parts.sessions) as session:
        found = find_by_person(session, world.parts.vault.find_person_id(session, person.address))
    assert found
    return found


def given_by(world: World, giver: PersonInClear) -> list[GivenGift]:
    """Return the gifts somebody gave, as their pages show them."""
    with reading(world.parts.sessions) as session:
        return list_given(session, world.parts, member_of(world, giver).id, now=utc_now())


def ask_for(world: World, code: str, claimer: PersonInClear, *, language: str = "en") -> str:
    """Type the code and an address; returns the token of the page that takes the short code."""
    asked = ask_to_claim(
        world.parts, code, claimer.address, language=language, network=NETWORK, now=utc_now()
    )
    assert isinstance(asked, str), asked
    return asked


def claim(world: World, mails: MailCatcher, code: str, claimer: PersonInClear) -> ClaimedGift:
    """Claim a gift all the way: type the code and an address, and press the button behind the mailed link."""
    ask_for(world, code, claimer)
    world.send_mail()
    claimed = claim_by_link(world.parts, claim_token_in(mails.messages[-1]), now=utc_now())
    assert isinstance(claimed, ClaimedGift), claimed
    return claimed


def claim_token_in(mail: EmailMessage) -> str:
    """Return the token of the link that claims."""
    (link,) = links_in(mail, "/gift/confirm/")
    return link.rpartition("/")[2].partition("?")[0]


def code_in(mail: EmailMessage) -> str:
    """Return the gift's code that a mail names."""
    found = CODE.search(said_in(mail))
    assert found
    return found.group()
