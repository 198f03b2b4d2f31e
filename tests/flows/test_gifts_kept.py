"""What is kept of gifts: through erasure, merges, other keys, a restore, and silence."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import time_machine

from app.asks.models import AskedBy
from app.db import reading, transaction
from app.flows.entitlement import entitlement_of
from app.flows.gifts.claim import ClaimedGift, OpenedGift, claim_by_link, open_gift
from app.flows.gifts.look import list_given
from app.flows.gifts.send import look_after_gifts
from app.flows.muting import mute
from app.flows.people.data_file import pack
from app.flows.people.erase import erase
from app.flows.people.everything import collect
from app.flows.people.merge import merge, unmerge
from app.flows.people.reseal import reseal_people
from app.flows.regular import RegularWork
from app.gifts.models import Gift, GiftPeriod
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.vault.models import Contact
from app.vault.sealing import Keyring
from app.vault.vault import PersonInClear, Vault
from tests.support.canary import dump, found_in
from tests.support.cast import ADA, BEN, CANARY
from tests.support.gifts import (
    ask_for,
    claim,
    claim_token_in,
    give_gift,
    given_by,
    member_of,
    open_gift_session,
)
from tests.support.mail import MailCatcher
from tests.support.world import World

WORDS = "Zoraida, for your train rides"


def opened(world: World, code: str) -> object:
    return open_gift(world.parts, code, network="192.0.2.9", now=utc_now())


def test_an_erased_giver_leaves_the_code_good_and_nothing_that_was_written(world: World) -> None:
    day = (utc_now() + timedelta(days=9)).date()
    code = give_gift(world, ADA, words=WORDS, recipient=BEN.address, send_on=day)

    erase(world.parts, member_of(world, ADA).id, asked_by=AskedBy.member, now=utc_now())
    world.send_mail()

    gift = world.one(Gift)
    assert (gift.sealed_code, gift.sealed_words, gift.send_at) == (None, None, None)
    assert world.rows(Contact, Contact.owner_id == gift.id) == []
    assert opened(world, code) == OpenedGift(months=6, words=None)
    assert look_after_gifts(world.parts, now=utc_now() + timedelta(days=10)) == 0


def test_an_erased_claimer_is_nobody_and_the_gift_stays_claimed(world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA)
    claim(world, mails, code, BEN)

    erase(world.parts, member_of(world, BEN).id, asked_by=AskedBy.member, now=utc_now())

    [given] = given_by(world, ADA)
    assert given.claimed_at
    assert len(world.rows(GiftPeriod)) == 1


def test_neither_file_of_all_data_says_who_the_other_is(world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA, words=WORDS)
    ada = member_of(world, ADA)
    before = str(collect(world.parts, ada.id, now=utc_now()).sections["gifts_you_gave"])
    claim(world, mails, code, BEN)
    ben = member_of(world, BEN)

    of_ada = collect(world.parts, ada.id, now=utc_now())
    of_ben = collect(world.parts, ben.id, now=utc_now())

    assert code in before
    assert WORDS in before
    assert len(of_ada.sections["gifts_you_gave"]) == 1
    assert len(of_ben.sections["gifts_you_claimed"]) == 1
    assert str(ben.id) not in str(of_ada.sections)
    assert str(ada.id) not in str(of_ben.sections)
    assert pack(of_ben, newsroom="The Harbour Courier", language="ru").content


def test_a_database_restored_from_before_the_payment_gives_the_very_same_code_and_no_mail(
    world: World,
) -> None:
    code = give_gift(world, ADA, recipient=BEN.address)
    (intent,) = world.stripe.objects("payment_intent")
    blank = {"member_id", "paid_at", "code_hash", "sealed_code", "sealed_words", "claim_until"}
    with transaction(world.parts.sessions) as session:
        gift = session.get_one(Gift, world.one(Gift).id)
        for name in blank:
            setattr(gift, name, None)
        for mail in session.query(QueuedMail):
            session.delete(mail)

    with transaction(world.parts.sessions) as session:
        later = utc_now() + timedelta(hours=1)
        want(session, (ObjectType.payment_intent, intent["id"]), now=utc_now(), silent_before=later)
    world.work()

    assert given_by(world, ADA)[0].code == code
    assert isinstance(opened(world, code), OpenedGift)
    assert MailKind.gift_code not in [mail.kind for mail in world.rows(QueuedMail)]
    assert look_after_gifts(world.parts, now=utc_now()) == 0
    assert world.rows(Contact) == []


def test_a_muted_database_writes_to_no_recipient(world: World) -> None:
    give_gift(world, ADA, recipient=BEN.address, send_on=(utc_now() + timedelta(days=2)).date())
    mute(world.parts)

    with time_machine.travel(utc_now() + timedelta(days=3)):
        for _ in range(3):
            RegularWork(world.parts, look_seconds=0).turn()

    assert MailKind.gift_for_you not in [mail.kind for mail in world.rows(QueuedMail)]


def test_a_code_outlives_the_key_it_was_made_under(world: World) -> None:
    code = give_gift(world, ADA, words=WORDS)
    former, latter = "test-vault-key-0123456789abcdefghijk", "another-vault-key-0123456789abcdefgh"
    both = replace(world.parts, vault=Vault(Keyring([latter, former])))
    assert isinstance(open_gift(both, code, network="", now=utc_now()), OpenedGift)

    list(reseal_people(both))

    alone = replace(world.parts, vault=Vault(Keyring([latter])))
    assert open_gift(alone, code, network="", now=utc_now()) == OpenedGift(months=6, words=WORDS)


def test_a_merged_record_brings_its_gifts_along_and_takes_them_back(world: World, mails: MailCatcher) -> None:
    at_work = PersonInClear(address="ada.adler@work.example", name=None)
    claimed = claim(world, mails, give_gift(world, BEN), at_work)
    code = give_gift(world, at_work, months=3)
    world.give(ADA, Money(1000, "eur"), Interval.once)
    ada, other = member_of(world, ADA), member_of(world, at_work)

    merge(world.parts, ada.code, other.code, merged_by=None, now=utc_now())

    with reading(world.parts.sessions) as session:
        answer = entitlement_of(session, ada.id, newsroom=world.parts.newsroom, now=utc_now())
        [given] = list_given(session, world.parts, ada.id, now=utc_now())
    assert answer.until == claimed.until
    assert given.code == code
    unmerge(world.parts, other.code, undone_by=None, now=utc_now())
    assert world.one(GiftPeriod).member_id == other.id


def test_no_name_address_or_word_of_a_gift_stands_in_a_row(
    world: World, mails: MailCatcher, database_url: str
) -> None:
    code = give_gift(world, CANARY, words="zq-canary-7731 words", recipient=CANARY.address)
    look_after_gifts(world.parts, now=utc_now())
    claim(world, mails, code, CANARY)
    session_id = open_gift_session(world, CANARY, words="zq-canary-7731 words", recipient=CANARY.address)
    assert session_id

    assert found_in(dump(database_url)) == set()


def test_two_presses_of_one_button_at_once_claim_once(world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA)
    ask_for(world, code, BEN)
    world.send_mail()
    token = claim_token_in(mails.messages[-1])

    with ThreadPoolExecutor(2) as pool:
        pressed = [pool.submit(claim_by_link, world.parts, token, now=utc_now()) for _ in range(2)]
        answers = [one.result() for one in pressed]

    assert sum(isinstance(answer, ClaimedGift) for answer in answers) == 1
    assert len(world.rows(GiftPeriod)) == 1
    assert len(world.rows(Member)) == 2
