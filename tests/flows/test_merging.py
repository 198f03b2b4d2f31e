"""Two records that are one person: made one, kept one whatever Stripe tells, and made two again."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
import structlog

from app.asks.models import AskedBy
from app.billing.models import Customer, Payment, Subscription
from app.db import reading, transaction
from app.flows.draw import draw_receipt
from app.flows.entitlement import entitlement_of
from app.flows.manage.history import draw_own_receipt, list_history
from app.flows.people.address import ask_for_address, confirm_address
from app.flows.people.data_file import pack
from app.flows.people.erase import MemberUnknown, erase
from app.flows.people.everything import collect
from app.flows.people.merge import MergeRefused, merge, plan_merge, plan_unmerge, unmerge
from app.flows.reconcile.command import reconcile
from app.flows.sign_in import Asking, ask_to_sign_in, find_signed_in, sign_in_by_link
from app.flows.statements import draw_statement
from app.gifts.models import Gift, GiftPeriod
from app.giving.models import Pledge
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.merging import WhyNot
from app.members.models import Member, MembershipFact, Merge
from app.outbox import choices
from app.outbox.models import MailKind, MailRefusal, MailTopic, QueuedMail
from app.receipts.models import CreditNote, Receipt
from app.reconciliation.models import Drift
from app.vault.models import Person
from app.vault.vault import PersonInClear
from tests.support.asking import charged, finish
from tests.support.canary import dump
from tests.support.cast import ADA, BEN
from tests.support.compare import differences
from tests.support.gifts import claim, give_gift
from tests.support.letters import link_in
from tests.support.mail import MailCatcher
from tests.support.pdf import text_of
from tests.support.world import World

FIVE, TEN = Money(500, "eur"), Money(1000, "eur")
AT_WORK = PersonInClear(address="ada.adler@work.example", name="A. Adler")
"""Ada again, by the address she has at work."""


@pytest.fixture
def two(world: World) -> tuple[Member, Member]:
    """Ada gives monthly by her own address, and gave once, years ago, by the one she has at work."""
    world.give(AT_WORK, TEN, Interval.once)
    world.give(ADA, FIVE)
    world.send_mail()
    at_work, ada = world.rows(Member)
    return ada, at_work


def make_one(world: World, kept: Member, merged: Member) -> None:
    merge(world.parts, kept.code, merged.code, merged_by=None, now=utc_now())


def make_two(world: World, merged: Member) -> None:
    unmerge(world.parts, merged.code, undone_by=None, now=utc_now())


def owners_of_what_goes_on(world: World) -> set[UUID | None]:
    return {member_id for _, member_id in owned(world)}


def owned(world: World) -> list[tuple[UUID, UUID | None]]:
    """Return whose every row is of those that go on at Stripe."""
    found: list[Customer | Subscription | Payment | MembershipFact] = []
    for model in (Customer, Subscription, Payment, MembershipFact):
        found += world.rows(model)
    return [(row.id, row.member_id) for row in found]


def again(world: World, member: Member) -> Member:
    return world.one(Member, Member.id == member.id)


def test_edge_20_all_that_goes_on_is_of_the_kept_record(world: World, two: tuple[Member, Member]) -> None:
    ada, at_work = two
    frozen = [(row.number, row.member_id) for row in world.rows(Receipt)]

    make_one(world, ada, at_work)

    assert owners_of_what_goes_on(world) == {ada.id}
    assert [(row.number, row.member_id) for row in world.rows(Receipt)] == frozen
    assert again(world, ada).joined_at == min(row.paid_at for row in world.rows(Payment) if row.paid_at)
    assert len(list_history(world.parts, ada.id).payments) == 2
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_20_a_merge_is_a_row_and_a_line_of_the_log_by_ids_alone(
    world: World, two: tuple[Member, Member]
) -> None:
    ada, at_work = two

    with structlog.testing.capture_logs() as lines:
        make_one(world, ada, at_work)

    row = world.one(Merge)
    assert (row.kept_id, row.merged_id, row.merged_by, row.undone_at) == (ada.id, at_work.id, None, None)
    (line,) = [line for line in lines if line["event"] == "member.merged"]
    assert line == {
        "event": "member.merged",
        "log_level": "info",
        "merge_id": str(row.id),
        "kept_id": str(ada.id),
        "merged_id": str(at_work.id),
    }


def test_edge_20_what_stripe_tells_later_lands_on_the_kept_record(
    world: World, two: tuple[Member, Member]
) -> None:
    ada, at_work = two
    make_one(world, at_work, ada)

    world.advance(days=32)
    world.give(ADA, TEN, Interval.once)
    world.give(AT_WORK, TEN, Interval.once)
    world.deliver(list(world.delivered))
    world.come_through()

    assert len(world.rows(Member)) == 2
    assert [row.member_id for row in world.rows(Payment)] == [at_work.id] * 5
    newer = world.rows(Entry)[2:]
    assert [row.member_id for row in newer] == [at_work.id] * 3
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_20_a_full_reconcile_after_a_merge_finds_no_difference(
    world: World, two: tuple[Member, Member]
) -> None:
    make_one(world, *two)

    outcome = reconcile(world.parts, full=True, since_days=30, say=lambda _line: None)

    assert outcome.seen >= 5
    assert (outcome.differed, outcome.all_equal) == ({}, True)
    assert world.rows(Drift) == []
    assert {row.member_id for row in world.rows(Payment)} == {two[0].id}
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_20_applying_every_object_anew_tears_nothing_apart(
    world: World, two: tuple[Member, Member]
) -> None:
    make_one(world, *two)

    with transaction(world.parts.sessions) as session:
        for kind in (ObjectType.customer, ObjectType.subscription, ObjectType.payment_intent):
            for found in world.stripe.objects(kind.value):
                want(session, (kind, found["id"]), now=utc_now())
    world.come_through()

    assert owners_of_what_goes_on(world) == {two[0].id}
    assert len(world.rows(Receipt)) == len(world.rows(Entry)) == 2
    assert differences(world.parts.sessions, world.stripe) == []


@pytest.mark.parametrize("typed", [ADA, AT_WORK], ids=["kept", "merged"])
def test_edge_20_signing_in_by_either_address_leads_to_the_kept_record(
    world: World, two: tuple[Member, Member], mails: MailCatcher, typed: PersonInClear
) -> None:
    make_one(world, *two)
    mails.clear()

    ask_to_sign_in(
        world.parts, Asking(address=typed.address, network="192.0.2.1"), language="en", now=utc_now()
    )
    world.send_mail()

    (mail,) = mails.messages
    assert mail["To"].addresses[0].addr_spec == typed.address
    token = link_in(mail, "/manage/sign-in/").rpartition("/")[2].partition("?")[0]
    key = sign_in_by_link(world.parts, token, now=utc_now())
    assert key
    member = find_signed_in(world.parts, key, now=utc_now())
    assert member
    assert member.id == two[0].id


def test_edge_20_two_supports_of_one_person_are_put_before_staff_and_member(
    world: World, mails: MailCatcher
) -> None:
    world.give(AT_WORK, FIVE)
    world.give(ADA, TEN)
    world.send_mail()
    at_work, ada = world.rows(Member)
    mails.clear()

    make_one(world, ada, at_work)
    assert len(world.rows(QueuedMail, QueuedMail.kind == MailKind.second_subscription)) == 1
    world.send_mail()
    world.advance(days=32)
    world.settle()
    world.send_mail()

    told = [mail for mail in mails.messages if "/manage/end/" in str(mail.get_body(("plain",)))]
    doubles = world.rows(QueuedMail, QueuedMail.kind == MailKind.second_subscription)
    assert len(doubles) == 1
    assert told[0]["To"].addresses[0].addr_spec == ADA.address
    assert plan_unmerge(world.parts, at_work.code).charged == [
        row.stripe_subscription_id for row in sorted(world.rows(Subscription), key=lambda one: one.started_at)
    ]


def test_documents_of_both_open_and_bear_the_names_they_were_given_with(
    world: World, two: tuple[Member, Member]
) -> None:
    ada, at_work = two
    make_one(world, ada, at_work)
    older, newer = world.rows(Receipt)
    year = local_date(utc_now(), world.parts.newsroom.zone).year

    texts = [text_of(draw_own_receipt(world.parts, ada.id, one.id).pdf) for one in (older, newer)]
    statement = text_of(draw_statement(world.parts, ada.id, year, language="en", now=utc_now()).pdf)

    assert "A. Adler" in texts[0]
    assert at_work.code in texts[0]
    assert "Ada Adler" in texts[1]
    assert older.number in statement
    assert newer.number in statement
    assert "€15.00" in statement


def test_a_refund_of_what_was_paid_before_is_answered_and_told_to_the_address_that_is_kept(
    world: World, two: tuple[Member, Member], mails: MailCatcher
) -> None:
    make_one(world, *two)
    mails.clear()
    gift = world.one(Payment, Payment.amount_minor == 1000)

    world.v1.refunds.create({"payment_intent": gift.stripe_payment_intent_id})
    world.settle()
    world.send_mail()

    note = world.one(CreditNote)
    (mail,) = mails.messages
    assert note.number in str(mail["Subject"])
    assert mail["To"].addresses[0].addr_spec == ADA.address
    assert differences(world.parts.sessions, world.stripe) == []


def test_the_file_of_all_data_holds_both(world: World, two: tuple[Member, Member]) -> None:
    ada, at_work = two
    world.give(BEN)
    make_one(world, ada, at_work)

    held = collect(world.parts, ada.id, now=utc_now())
    packed = pack(held, newsroom="The Harbour Courier", language="ru")
    with zipfile.ZipFile(BytesIO(packed.content)) as archive:
        told = json.loads(archive.read("everything.json"))

    assert [(one["code"], one["address"]) for one in told["you"]] == [
        (ada.code, ADA.address),
        (at_work.code, AT_WORK.address),
    ]
    assert {one["name"] for one in told["receipts"]} == {"Ada Adler", "A. Adler"}
    assert len(told["payments"]) == len(told["entries_in_the_books"]) == len(told["receipts"]) == 2
    assert [one["merged_id"] for one in told["records_made_one"]] == [str(at_work.id)]
    assert BEN.address not in json.dumps(told)


@pytest.mark.parametrize("which", [0, 1], ids=["kept", "merged"])
def test_erasing_either_forgets_both_addresses_and_ends_every_support(
    world: World, two: tuple[Member, Member], database_url: str, which: int
) -> None:
    world.give(AT_WORK, TEN)
    make_one(world, *two)

    assert erase(world.parts, two[which].id, asked_by=AskedBy.member, now=utc_now())
    finish(world)
    world.send_mail()
    world.advance(days=70)
    world.settle()

    assert world.rows(Person) == []
    assert all(row.ended_at for row in world.rows(Subscription))
    assert all(row.deleted_at for row in world.rows(Customer))
    assert sorted(charged(world)) == [500, 1000, 1000]
    assert all(row.erased_at and row.person_id is None for row in world.rows(Member))
    assert "dler" not in dump(database_url)
    assert "dler" not in text_of(draw_receipt(world.parts, world.rows(Receipt)[0].id).pdf)


def test_what_was_turned_off_under_either_stays_off(world: World, two: tuple[Member, Member]) -> None:
    ada, at_work = two
    with transaction(world.parts.sessions) as session:
        choices.refuse(session, at_work.id, MailTopic.card_expiry, now=utc_now())

    make_one(world, ada, at_work)
    with reading(world.parts.sessions) as session:
        assert choices.list_refused(session, ada.id) == [MailTopic.card_expiry]
        assert entitlement_of(session, ada.id, newsroom=world.parts.newsroom, now=utc_now()).entitled
    make_two(world, at_work)

    assert [row.member_id for row in world.rows(MailRefusal)] == [at_work.id]


def test_a_gift_that_one_of_them_claimed_entitles_the_kept_record(world: World) -> None:
    for reader in (AT_WORK, ADA, BEN):
        world.give(reader, TEN, Interval.once)
    at_work, ada, ben = world.rows(Member)
    claim_three_months(world, giver=ben, claimer=at_work)
    assert (is_entitled(world, ada), is_entitled(world, at_work)) == (False, True)

    make_one(world, ada, at_work)
    assert is_entitled(world, ada)
    make_two(world, at_work)

    assert (is_entitled(world, ada), is_entitled(world, at_work)) == (False, True)


def claim_three_months(world: World, *, giver: Member, claimer: Member) -> None:
    now = utc_now()
    whose = {"member_id": giver.id, "paid_at": now, "pledge_id": world.rows(Pledge)[2].id}
    with transaction(world.parts.sessions) as session:
        gift = Gift(months=3, language="en", created_at=now, **whose)
        session.add(gift)
        session.flush()
        when = {"claimed_at": now, "starts_at": now, "until": now + timedelta(days=90)}
        session.add(GiftPeriod(gift_id=gift.id, member_id=claimer.id, **when))


def is_entitled(world: World, member: Member) -> bool:
    with reading(world.parts.sessions) as session:
        return entitlement_of(session, member.id, newsroom=world.parts.newsroom, now=utc_now()).entitled


def test_ones_own_other_address_can_become_the_first_one(
    world: World, two: tuple[Member, Member], mails: MailCatcher
) -> None:
    ada, at_work = two
    make_one(world, ada, at_work)
    mails.clear()

    ask_for_address(world.parts, ada.id, AT_WORK.address, now=utc_now())
    world.send_mail()
    token = link_in(mails.messages[0], "/manage/address/").rpartition("/")[2].partition("?")[0]
    confirm_address(world.parts, token, now=utc_now())

    assert world.person_of(again(world, ada)).address == AT_WORK.address
    assert world.person_of(again(world, at_work)).address == ADA.address
    finish(world)
    assert {one["email"] for one in world.stripe.objects("customer")} == {AT_WORK.address}
    assert differences(world.parts.sessions, world.stripe) == []


def test_an_address_of_the_others_at_stripe_is_contested_no_more(
    world: World, two: tuple[Member, Member]
) -> None:
    ada, at_work = two
    customer = world.one(Customer, Customer.member_id == ada.id)
    world.v1.customers.update(customer.stripe_customer_id, {"email": AT_WORK.address})
    world.settle()
    assert world.one(Customer, Customer.member_id == ada.id).address_of_member_id == at_work.id

    make_one(world, ada, at_work)
    assert not [row for row in world.rows(Customer) if row.address_of_member_id]
    make_two(world, at_work)

    assert world.one(Customer, Customer.member_id == ada.id).address_of_member_id == at_work.id


def everything_of(world: World) -> list[tuple[object, ...]]:
    """Return whose every row is, and since when each member is one."""
    frozen = [(row.id, row.member_id) for row in world.rows(Receipt)]
    booked = [(row.id, row.member_id) for row in world.rows(Entry)]
    mailed = [(row.id, row.member_id) for row in world.rows(QueuedMail)]
    members = [(row.id, row.person_id, row.joined_at) for row in world.rows(Member)]
    return [*members, *owned(world), *frozen, *booked, *mailed]


def test_a_merge_undone_at_once_leaves_every_row_as_it_was(world: World, two: tuple[Member, Member]) -> None:
    before = everything_of(world)

    make_one(world, *two)
    make_two(world, two[1])

    assert everything_of(world) == before
    assert world.one(Merge).undone_at
    assert differences(world.parts.sessions, world.stripe) == []


def test_who_joined_by_a_gift_has_joined_then_when_merged_and_when_that_is_undone(
    world: World, mails: MailCatcher
) -> None:
    claim(world, mails, give_gift(world, BEN), AT_WORK)
    world.advance(days=40)
    world.give(ADA, FIVE)
    _, at_work, ada = world.rows(Member)
    before = everything_of(world)

    make_one(world, ada, at_work)

    assert again(world, ada).joined_at == at_work.joined_at
    make_two(world, at_work)
    assert everything_of(world) == before
    make_one(world, at_work, ada)
    assert again(world, at_work).joined_at == at_work.joined_at


def test_after_undoing_support_goes_back_and_what_was_paid_meanwhile_stays_with_its_receipt(
    world: World,
) -> None:
    world.give(AT_WORK, FIVE)
    world.give(ADA, TEN, Interval.once)
    at_work, ada = world.rows(Member)
    make_one(world, ada, at_work)
    world.advance(days=32)
    world.settle()

    make_two(world, at_work)
    world.advance(days=30)
    world.settle()

    assert {row.member_id for row in world.rows(MembershipFact)} == {at_work.id}
    assert world.one(Subscription).member_id == at_work.id
    renewals = [row.member_id for row in world.rows(Payment, Payment.amount_minor == 500)]
    assert renewals == [at_work.id, ada.id, at_work.id]
    for receipt in world.rows(Receipt):
        payment = world.one(Payment, Payment.id == receipt.payment_id)
        assert receipt.member_id == payment.member_id


def test_three_become_one_and_are_undone_the_newest_first(world: World, two: tuple[Member, Member]) -> None:
    ada, at_work = two
    world.give(BEN, TEN, Interval.once)
    ben = world.rows(Member)[-1]
    before = everything_of(world)
    make_one(world, ada, at_work)
    make_one(world, ben, ada)
    assert {row.member_id for row in world.rows(Payment)} == {ben.id}
    assert {one["code"] for one in collect(world.parts, ben.id, now=utc_now()).sections["you"]} == {
        one.code for one in (ada, at_work, ben)
    }

    with pytest.raises(MergeRefused) as refused:
        make_two(world, at_work)
    assert refused.value.why is WhyNot.newer_first
    make_two(world, ada)
    make_two(world, at_work)

    assert everything_of(world) == before


def test_the_plan_says_what_moves_and_changes_nothing(world: World, two: tuple[Member, Member]) -> None:
    ada, at_work = two
    before = everything_of(world)

    plan = plan_merge(world.parts, ada.code.lower(), at_work.code)

    assert (plan.kept_code, plan.merged_code, plan.receipts) == (ada.code, at_work.code, 1)
    assert plan.moves == {"billing_customers": 1, "billing_payments": 1}
    assert len(plan.charged) == 1
    assert everything_of(world) == before
    assert world.rows(Merge) == []


def merge_with_oneself(world: World, ada: Member, _at_work: Member) -> None:
    make_one(world, ada, ada)


def merge_twice(world: World, ada: Member, at_work: Member) -> None:
    make_one(world, ada, at_work)
    make_one(world, ada, at_work)


def merge_in_a_circle(world: World, ada: Member, at_work: Member) -> None:
    make_one(world, ada, at_work)
    make_one(world, at_work, ada)


def merge_an_erased_one(world: World, ada: Member, at_work: Member) -> None:
    erase(world.parts, at_work.id, asked_by=AskedBy.member, now=utc_now())
    make_one(world, ada, at_work)


def undo_after_an_erasure(world: World, ada: Member, at_work: Member) -> None:
    make_one(world, ada, at_work)
    erase(world.parts, ada.id, asked_by=AskedBy.member, now=utc_now())
    make_two(world, at_work)


def undo_what_was_not_done(world: World, _ada: Member, at_work: Member) -> None:
    make_two(world, at_work)


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (merge_with_oneself, WhyNot.same),
        (merge_twice, WhyNot.same),
        (merge_in_a_circle, WhyNot.same),
        (merge_an_erased_one, WhyNot.erased),
        (undo_after_an_erasure, WhyNot.erased),
        (undo_what_was_not_done, WhyNot.not_merged),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    world: World,
    two: tuple[Member, Member],
    act: Callable[[World, Member, Member], None],
    why: WhyNot,
) -> None:
    with pytest.raises(MergeRefused) as refused:
        act(world, *two)

    assert refused.value.why is why


def test_a_code_of_nobody_is_said_to_be_one(world: World, two: tuple[Member, Member]) -> None:
    with pytest.raises(MemberUnknown):
        merge(world.parts, two[0].code, "ZZZZ-ZZZZ", merged_by=None, now=utc_now())
