"""Gift memberships: paid once by Ada, claimed by Ben with a code, who is never charged."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from app.billing.models import Customer, Payment, Subscription
from app.db import reading, transaction
from app.flows.entitlement import entitlement_of
from app.flows.gifts.claim import (
    MOST_MAILS_AN_HOUR,
    ClaimedGift,
    ClosedGift,
    OpenedGift,
    ask_to_claim,
    claim_by_code,
    claim_by_link,
    look_at_claim,
    open_gift,
)
from app.flows.gifts.look import list_received
from app.flows.gifts.send import (
    GiftNotOpen,
    forget_recipients,
    look_after_gifts,
    send_code_again,
    tell_endings,
)
from app.flows.limits import MOST_FROM_A_NETWORK_AN_HOUR, TooOftenAsked
from app.flows.mail_choices import save_choices
from app.gifts.claims import MOST_TRIES
from app.gifts.models import Gift, GiftClaim, GiftPeriod
from app.gifts.rules import GiftStanding
from app.kernel.clock import months_after, utc_now
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.entitlement import Entitlement, EntitlementReason
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from app.vault.models import Contact
from app.vault.vault import PersonInClear
from tests.support.cast import ADA, BEN, DAN
from tests.support.gifts import (
    NETWORK,
    ask_for,
    claim,
    claim_token_in,
    code_in,
    give_gift,
    given_by,
    member_of,
    open_gift_session,
)
from tests.support.letters import said_in
from tests.support.mail import MailCatcher
from tests.support.reads import counted_statements
from tests.support.world import World


def entitled(world: World, person: PersonInClear) -> Entitlement:
    with reading(world.parts.sessions) as session:
        return entitlement_of(
            session, member_of(world, person).id, newsroom=world.parts.newsroom, now=utc_now()
        )


def kinds(world: World) -> list[MailKind]:
    return [mail.kind for mail in world.rows(QueuedMail)]


def opened(world: World, code: str) -> OpenedGift | ClosedGift:
    return open_gift(world.parts, code, network=NETWORK, now=utc_now())


def refund(world: World, amount: int | None = None) -> None:
    intent_id = world.one(Payment).stripe_payment_intent_id
    world.v1.refunds.create({"payment_intent": intent_id, **({"amount": amount} if amount else {})})
    world.settle()


def test_a_gift_is_paid_once_and_claimed_by_somebody_who_is_never_charged(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA, months=6, words="For your train rides.")
    before = utc_now()

    claimed = claim(world, mails, code, BEN)

    assert claimed.until == months_after(claimed.starts_at, 6)
    assert before <= claimed.starts_at <= utc_now()
    answer = entitled(world, BEN)
    assert answer.entitled
    assert answer.reason is EntitlementReason.gift
    assert answer.until == claimed.until
    payment = world.one(Payment)
    assert (payment.amount_minor, payment.currency, payment.interval) == (3000, "eur", Interval.once)
    assert payment.member_id == member_of(world, ADA).id
    assert len(world.rows(Entry)) == 1
    assert world.one(Receipt).member_id == member_of(world, ADA).id
    assert world.rows(Subscription) == []
    assert world.rows(Customer, Customer.member_id == member_of(world, BEN).id) == []
    assert "ben@example.org" not in str(world.stripe.objects("customer"))
    assert len(world.stripe.objects("charge")) == 1


def test_the_giver_is_mailed_the_code_and_the_receipt_and_nobody_else_anything(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    world.send_mail()

    assert kinds(world) == [MailKind.receipt, MailKind.gift_code]
    assert {mail["To"] for mail in mails.messages} == {"Ada Adler <ada@example.org>"}
    letter = mails.messages[-1]
    assert code_in(letter) == code
    assert f"/gift/claim/{code}" in said_in(letter)
    assert not entitled(world, ADA).entitled


def test_a_second_delivery_of_the_payment_makes_one_code_and_one_mail(world: World) -> None:
    code = give_gift(world, ADA)

    for event in list(world.delivered):
        world.deliver_event(event | {"id": f"evt_{new_nonce()}"})
    world.come_through()

    assert given_by(world, ADA)[0].code == code
    assert kinds(world).count(MailKind.gift_code) == 1
    assert len(world.rows(Gift)) == 1


def test_the_same_form_sent_twice_is_one_gift(world: World) -> None:
    nonce = new_nonce()

    first = open_gift_session(world, ADA, nonce=nonce, words="Hello")
    second = open_gift_session(world, ADA, nonce=nonce, words="Hello")

    assert first == second
    assert len(world.rows(Gift)) == 1


def test_other_words_on_the_same_form_are_another_gift(world: World) -> None:
    nonce = new_nonce()

    first = open_gift_session(world, ADA, nonce=nonce, words="Hello")
    second = open_gift_session(world, ADA, nonce=nonce, words="Goodbye")

    assert first != second


def test_neither_the_words_nor_the_recipient_reach_stripe(world: World) -> None:
    give_gift(world, ADA, words="Zoraida, read this", recipient="zq-canary-7731@example.org")

    everything = str([world.stripe.objects(kind) for kind in ("checkout.session", "charge", "customer")])
    everything += str([world.stripe.objects(kind) for kind in ("payment_intent", "event")])
    assert "Zoraida" not in everything
    assert "zq-canary" not in everything


def test_no_code_is_at_rest_in_clear(world: World) -> None:
    code = give_gift(world, ADA, words="Zoraida, read this")

    gift = world.one(Gift)
    assert code not in str(vars(gift))
    assert gift.sealed_words is not None
    assert b"Zoraida" not in gift.sealed_words


def test_the_code_is_read_however_it_is_typed(world: World) -> None:
    code = give_gift(world, ADA, words="For you")

    for typed in (code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')} "):
        assert opened(world, typed) == OpenedGift(months=6, words="For you")


@pytest.mark.parametrize("typed", ["", "K7QM-3F2P-9XTB", "nonsense", "7" * 500])
def test_a_wrong_code_opens_nothing_and_says_nothing(world: World, typed: str) -> None:
    give_gift(world, ADA)

    assert opened(world, typed) == ClosedGift(why=None)


def test_a_used_code_says_that_it_was_used_and_not_by_whom(world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA)
    claim(world, mails, code, BEN)

    assert opened(world, code) == ClosedGift(why=GiftStanding.claimed)
    asked = ask_to_claim(world.parts, code, DAN.address, language="en", network=NETWORK, now=utc_now())
    assert asked == ClosedGift(why=GiftStanding.claimed)
    [given] = given_by(world, ADA)
    assert given.standing is GiftStanding.claimed
    assert given.code is None
    assert BEN.address not in str(given)


def test_a_code_runs_out_after_the_newsrooms_months(world: World) -> None:
    code = give_gift(world, ADA)

    with time_machine.travel(months_after(utc_now(), 12) + timedelta(minutes=1)):
        assert opened(world, code) == ClosedGift(why=GiftStanding.expired)
    with time_machine.travel(months_after(utc_now(), 12) - timedelta(days=1)):
        assert isinstance(opened(world, code), OpenedGift)


def test_a_network_that_guesses_codes_is_stopped(world: World) -> None:
    code = give_gift(world, ADA)
    for _ in range(MOST_FROM_A_NETWORK_AN_HOUR):
        opened(world, "K7QM-3F2P-9XTB")

    with pytest.raises(TooOftenAsked):
        opened(world, code)
    assert isinstance(open_gift(world.parts, code, network="198.51.100.7", now=utc_now()), OpenedGift)


def test_one_code_sends_five_mails_an_hour_at_most(world: World) -> None:
    code = give_gift(world, ADA)
    for number in range(MOST_MAILS_AN_HOUR):
        ask_for(world, code, PersonInClear(address=f"reader{number}@example.org", name=None))

    with pytest.raises(TooOftenAsked):
        ask_for(world, code, BEN)
    assert kinds(world).count(MailKind.gift_claim) == MOST_MAILS_AN_HOUR


def test_looking_at_the_mailed_link_claims_nothing_and_pressing_claims_once(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA, words="For you")
    ask_for(world, code, BEN)
    world.send_mail()
    token = claim_token_in(mails.messages[-1])

    for _ in range(2):
        assert look_at_claim(world.parts, token, now=utc_now()) == OpenedGift(months=6, words="For you")
    assert world.rows(GiftPeriod) == []
    assert isinstance(claim_by_link(world.parts, token, now=utc_now()), ClaimedGift)
    assert claim_by_link(world.parts, token, now=utc_now()) == ClosedGift(why=None)

    assert len(world.rows(GiftPeriod)) == 1
    assert world.rows(GiftClaim) == []
    assert world.rows(Contact) == []


def test_the_short_code_of_the_mail_claims_as_well_and_five_wrong_ones_end_it(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    page = ask_for(world, code, BEN)
    world.send_mail()
    short = said_in(mails.messages[-1]).partition("Code: ")[2][:9]

    for _ in range(MOST_TRIES):
        wrong = claim_by_code(world.parts, page, "ABCD-EFGH", network=NETWORK, now=utc_now())
        assert wrong == ClosedGift(why=None)
    assert isinstance(claim_by_code(world.parts, page, short, network=NETWORK, now=utc_now()), ClosedGift)
    page = ask_for(world, code, BEN)
    world.send_mail()
    short = said_in(mails.messages[-1]).partition("Code: ")[2][:9]
    typed = short.lower().replace("-", " ")
    assert isinstance(claim_by_code(world.parts, page, typed, network=NETWORK, now=utc_now()), ClaimedGift)


def test_a_link_is_good_for_a_day(world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA)
    ask_for(world, code, BEN)
    world.send_mail()
    token = claim_token_in(mails.messages[-1])

    with time_machine.travel(utc_now() + timedelta(hours=24, minutes=1)):
        assert claim_by_link(world.parts, token, now=utc_now()) == ClosedGift(why=None)


def test_asking_for_another_address_makes_the_first_mail_void_and_forgets_its_address(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    ask_for(world, code, DAN)
    world.send_mail()
    first = claim_token_in(mails.messages[-1])

    claim(world, mails, code, BEN)

    assert claim_by_link(world.parts, first, now=utc_now()) == ClosedGift(why=None)
    assert [row.member_id for row in world.rows(GiftPeriod)] == [member_of(world, BEN).id]
    assert world.rows(Contact) == []


def test_one_person_is_one_record_however_the_address_is_written(world: World, mails: MailCatcher) -> None:
    ben = PersonInClear(address="ben@gmail.com", name=None)
    world.give(ben, Money(1000, "eur"), Interval.once)
    code = give_gift(world, ADA)

    claim(world, mails, code, PersonInClear(address="B.en+gift@googlemail.com", name=None))

    assert len(world.rows(Member)) == 2
    assert entitled(world, ben).reason is EntitlementReason.gift


def test_a_second_gift_begins_when_the_first_is_over(world: World, mails: MailCatcher) -> None:
    first = claim(world, mails, give_gift(world, ADA, months=3), BEN)
    second = claim(world, mails, give_gift(world, DAN, months=6), BEN)

    assert second.starts_at == first.until
    assert second.until == months_after(first.until, 6)
    assert entitled(world, BEN).until == second.until


def test_own_support_goes_on_beside_a_gift(world: World, mails: MailCatcher) -> None:
    world.give(BEN)
    claimed = claim(world, mails, give_gift(world, ADA, months=3), BEN)

    assert claimed.supports
    assert entitled(world, BEN).until == claimed.until
    world.advance(days=32)
    world.settle()
    assert len(world.rows(Payment, Payment.member_id == member_of(world, BEN).id)) == 2


def test_a_full_refund_before_the_claim_kills_the_code(world: World) -> None:
    code = give_gift(world, ADA)

    refund(world)

    assert opened(world, code) == ClosedGift(why=GiftStanding.taken_back)
    assert given_by(world, ADA)[0].code is None


def test_a_full_refund_after_the_claim_ends_it_and_a_partial_one_does_not(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    claim(world, mails, code, BEN)

    refund(world, 1000)
    assert entitled(world, BEN).entitled
    refund(world)

    answer = entitled(world, BEN)
    assert (answer.entitled, answer.reason) == (False, EntitlementReason.given_back)
    with reading(world.parts.sessions) as session:
        [received] = list_received(session, member_of(world, BEN).id)
    assert not received.kept


def test_a_lost_dispute_takes_the_gift_back_and_a_won_one_gives_it_again(world: World) -> None:
    session_id = open_gift_session(world, ADA)
    world.pay(session_id, ADA, card="4000000000000259")
    world.settle()
    assert given_by(world, ADA)[0].standing is GiftStanding.taken_back

    (dispute,) = world.stripe.objects("dispute")
    world.v1.disputes.update(
        dispute["id"], {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": True}
    )
    world.advance(days=0.01)
    world.settle()

    assert given_by(world, ADA)[0].standing is GiftStanding.open


def test_a_refund_that_comes_before_the_payment_was_seen_leaves_no_open_gift(world: World) -> None:
    session_id = open_gift_session(world, ADA)
    world.pay(session_id, ADA)
    (intent,) = world.stripe.objects("payment_intent")
    world.v1.refunds.create({"payment_intent": intent["id"]})
    world.collect()
    world.undelivered.reverse()

    world.settle()
    world.send_mail()

    [given] = given_by(world, ADA)
    assert given.standing is GiftStanding.taken_back
    (mail,) = world.rows(QueuedMail, QueuedMail.kind == MailKind.gift_code)
    assert mail.last_error == "it cannot be claimed any more"


def test_a_recipient_is_written_to_at_once_and_then_forgotten(world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA, words="For your train rides.\nAda", recipient=BEN.address)
    world.send_mail()

    letter = mails.messages[-1]
    assert letter["To"] == "ben@example.org"
    assert code_in(letter) == code
    assert "For your train rides. Ada" in said_in(letter)
    assert "ada@example.org" not in said_in(letter)
    assert look_after_gifts(world.parts, now=utc_now() + timedelta(hours=1)) == 0
    assert world.rows(Contact) == []


def test_a_recipient_is_written_to_on_the_morning_of_the_day_chosen(world: World, mails: MailCatcher) -> None:
    zone = world.parts.newsroom.zone
    day = (utc_now() + timedelta(days=40)).astimezone(zone).date()
    give_gift(world, ADA, recipient=BEN.address, send_on=day)

    with time_machine.travel(utc_now() + timedelta(days=38)):
        assert look_after_gifts(world.parts, now=utc_now()) == 0
        assert len(world.rows(Contact)) == 1
    with time_machine.travel(utc_now() + timedelta(days=41)):
        assert look_after_gifts(world.parts, now=utc_now()) == 1
        world.send_mail()
        assert mails.messages[-1]["To"] == "ben@example.org"
    assert world.one(Gift).send_at.astimezone(zone).hour == 9  # type: ignore[union-attr]


def test_nobody_is_written_to_about_a_gift_that_was_claimed_or_refunded_before_its_day(
    world: World, mails: MailCatcher
) -> None:
    day = (utc_now() + timedelta(days=10)).date()
    give_gift(world, ADA, recipient=BEN.address, send_on=day)
    refund(world)
    code = give_gift(world, DAN, recipient="vera@example.org", send_on=day)
    claim(world, mails, code, PersonInClear(address="vera@example.org", name=None))

    with time_machine.travel(utc_now() + timedelta(days=11)):
        assert look_after_gifts(world.parts, now=utc_now()) == 0


def test_the_code_is_sent_again_once_a_day_to_its_giver_alone(world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA)
    world.give(DAN, Money(1000, "eur"), Interval.once)
    gift_id, ada, dan = world.one(Gift).id, member_of(world, ADA).id, member_of(world, DAN).id

    assert send_code_again(world.parts, gift_id, member_id=ada, now=utc_now())
    assert not send_code_again(world.parts, gift_id, member_id=ada, now=utc_now())
    with pytest.raises(GiftNotOpen):
        send_code_again(world.parts, gift_id, member_id=dan, now=utc_now())
    world.send_mail()

    assert [code_in(mail) for mail in mails.messages if "gift" in mail["Subject"]] == [code, code]


def test_one_notice_comes_before_a_gift_ends(world: World, mails: MailCatcher) -> None:
    claimed = claim(world, mails, give_gift(world, ADA, months=3), BEN)
    mails.clear()

    with time_machine.travel(claimed.until - timedelta(days=15)):
        assert look_after_gifts(world.parts, now=utc_now()) == 0
    with time_machine.travel(claimed.until - timedelta(days=13)):
        assert look_after_gifts(world.parts, now=utc_now()) == 1
        assert look_after_gifts(world.parts, now=utc_now() + timedelta(days=1)) == 0
        world.send_mail()

    (notice,) = [mail for mail in mails.messages if mail["To"] == "ben@example.org"]
    assert "you are not charged" in said_in(notice)
    assert notice["List-Unsubscribe"]


def test_however_many_gifts_are_under_way_a_turn_asks_the_same_few_questions(
    world: World, mails: MailCatcher
) -> None:
    asked = []
    for number in range(3):
        reader = PersonInClear(address=f"reader{number}@example.org", name=None)
        claim(world, mails, give_gift(world, ADA, months=3, recipient=reader.address), reader)
        now = months_after(utc_now(), 3) - timedelta(days=3)
        tell_endings(world.parts, now=now)
        with counted_statements(world.parts.sessions.kw["bind"]) as statements:
            forget_recipients(world.parts, now=utc_now())
            assert tell_endings(world.parts, now=now) == 0
        asked.append(len(statements))

    assert len(world.rows(QueuedMail, QueuedMail.kind == MailKind.gift_ending)) == 3
    assert asked[0] == asked[2]


@pytest.mark.parametrize("why", ["refused", "supports", "another gift", "refunded"])
def test_no_notice_comes_where_it_would_say_nothing(world: World, mails: MailCatcher, why: str) -> None:
    claimed = claim(world, mails, give_gift(world, ADA, months=3), BEN)
    if why == "refunded":
        refund(world)
    if why == "another gift":
        claim(world, mails, give_gift(world, DAN, months=3), BEN)
    if why == "supports":
        world.give(BEN, Money(6000, "eur"), Interval.year)
    if why == "refused":
        save_choices(world.parts, member_of(world, BEN).id, wanted=[], language="en", now=utc_now())
    world.send_mail()
    mails.clear()

    with time_machine.travel(claimed.until - timedelta(days=3)):
        look_after_gifts(world.parts, now=utc_now())
        world.send_mail()

    assert [mail["Subject"] for mail in mails.messages if "gift" in mail["Subject"].lower()] == []


def test_a_process_that_dies_before_it_commits_leaves_neither_code_nor_mail(world: World) -> None:
    session_id = open_gift_session(world, ADA)
    world.pay(session_id, ADA)
    world.deliver()
    with transaction(world.parts.sessions) as session:
        gift = session.scalars(sa.select(Gift)).one()
        assert (gift.code_hash, gift.paid_at) == (None, None)
    assert kinds(world) == []

    world.come_through()

    assert kinds(world).count(MailKind.gift_code) == 1
