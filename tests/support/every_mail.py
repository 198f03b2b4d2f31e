"""Brings about every mail there is: each kind of letter, and those that need a story of their own."""

from datetime import timedelta
from email.message import EmailMessage

import time_machine

from app.billing.models import Payment
from app.flows.gifts.claim import ClaimedGift, claim_by_link
from app.flows.gifts.send import look_after_gifts
from app.flows.people.address import ask_for_address, confirm_address
from app.flows.people.erase import erase_by_code
from app.flows.receipts import send_receipt_again
from app.flows.remind import ask_reminder, confirm_reminder, remind
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.models import MailKind
from app.reminders.waiting import Wish
from app.vault.vault import PersonInClear
from tests.support.every_letter import EveryLetter
from tests.support.gifts import ask_for, code_in, member_of, open_gift_session
from tests.support.letters import links_in, said_in
from tests.support.mail import MailCatcher
from tests.support.world import World

GIFT = Money(250_000, "eur")
A_PART = Money(100_050, "eur")
NEW_ADDRESS = "another.address@example.net"
WORDS = "For your train rides.\nA friend"
A_MONTH = timedelta(days=32)


class EveryMail:
    """One person's life, told in mails. The world must be empty."""

    def __init__(self, world: World, mails: MailCatcher, person: PersonInClear, language: str) -> None:
        self._world, self._mails = world, mails
        self._person, self._language = person, language

    def write(self) -> dict[MailKind, EmailMessage]:
        """Return a mail of every kind."""
        letters = EveryLetter(self._world, self._mails, self._person, self._language).write()
        told = letters | self._about_documents() | self._about_a_reminder() | self._about_gifts()
        return told | self._about_the_person()

    def _about_documents(self) -> dict[MailKind, EmailMessage]:
        world = self._world
        form = world.form(self._person, GIFT, Interval.once, language=self._language)
        world.pay(world.open_session(form), self._person)
        world.settle()
        receipt = self._sent()
        send_receipt_again(world.parts, _token_in(receipt, "/receipts/"), now=utc_now())
        again = self._sent()
        intent_id = world.rows(Payment)[-1].stripe_payment_intent_id
        world.v1.refunds.create({"payment_intent": intent_id, "amount": A_PART.minor})
        world.settle()
        return {
            MailKind.receipt: receipt,
            MailKind.receipt_again: again,
            MailKind.credit_note: self._sent(),
        }

    def _about_a_reminder(self) -> dict[MailKind, EmailMessage]:
        parts = self._world.parts
        wish = Wish(
            amount=Money(500, "eur"),
            currency="eur",
            interval=Interval.month,
            campaign="spring",
            language=self._language,
        )
        ask_reminder(parts, NEW_ADDRESS, wish, network="", now=utc_now())
        asked = self._sent()
        confirm_reminder(parts, _token_in(asked, "/reminders/"), now=utc_now())
        with time_machine.travel(utc_now() + A_MONTH):
            remind(parts, now=utc_now())
            return {MailKind.reminder_confirm: asked, MailKind.reminder: self._sent()}

    def _about_gifts(self) -> dict[MailKind, EmailMessage]:
        world, claimer = self._world, PersonInClear(address=NEW_ADDRESS, name=None)
        session_id = open_gift_session(
            world, self._person, words=WORDS, recipient=NEW_ADDRESS, language=self._language
        )
        world.pay(session_id, self._person)
        world.settle()
        for_you = self._sent()
        (code_mail,) = (mail for mail in self._mails.messages if "/gift/card/" in said_in(mail))
        ask_for(world, code_in(code_mail), claimer, language=self._language)
        asked = self._sent()
        claimed = claim_by_link(world.parts, _token_in(asked, "/gift/confirm/"), now=utc_now())
        assert isinstance(claimed, ClaimedGift)
        with time_machine.travel(claimed.until - timedelta(days=10)):
            look_after_gifts(world.parts, now=utc_now())
            ending = self._sent()
        erase_by_code(world.parts, member_of(world, claimer).code, now=utc_now())
        world.send_mail()
        return {
            MailKind.gift_code: code_mail,
            MailKind.gift_for_you: for_you,
            MailKind.gift_claim: asked,
            MailKind.gift_ending: ending,
        }

    def _about_the_person(self) -> dict[MailKind, EmailMessage]:
        parts, member = self._world.parts, self._world.one(Member, Member.erased_at.is_(None))
        ask_for_address(parts, member.id, NEW_ADDRESS, now=utc_now())
        asked = self._sent()
        confirm_address(parts, _token_in(asked, "/manage/address/"), now=utc_now())
        changed = self._sent()
        erase_by_code(parts, member.code, now=utc_now())
        return {
            MailKind.address_confirm: asked,
            MailKind.address_changed: changed,
            MailKind.erased: self._sent(),
        }

    def _sent(self) -> EmailMessage:
        """Send what waits; returns the newest."""
        self._mails.clear()
        self._world.send_mail()
        return self._mails.messages[-1]


def _token_in(mail: EmailMessage, path: str) -> str:
    """Return the token of a mail's first link to such a path."""
    first = links_in(mail, path)[0]
    return first.partition(path)[2].split("/")[0].partition("?")[0]
