"""What one picture of a payment leaves in our rows: the payment, who paid, and the books."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.billing.models import Customer, Payment, Subscription
from app.billing.statuses import PaymentStatus
from app.giving.models import Campaign, Note, NoteKind
from app.giving.notes import pack_note
from app.inbox.models import ObjectType
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import Member
from app.projection.context import Context
from app.projection.payment import project_payment
from app.projection.subscription import project_subscription
from app.receipts.models import Receipt
from app.vault.models import Contact, Person
from app.vault.vault import PersonInClear
from tests.projection.rows import add_member, add_pledge, all_of, only, values
from tests.support import pictures
from tests.support.cast import ADA
from tests.support.pictures import BEGUN, DAY, NOW

UNPAID: dict[str, Any] = {
    "status": "requires_payment_method",
    "paid_at": None,
    "balance": None,
    "failure_code": "card_declined",
    "decline_code": "insufficient_funds",
}


def test_a_paid_payment_is_kept_as_stripe_shows_it(session: Session, setting: Context) -> None:
    project_payment(session, pictures.payment(receipt_number="HC-2026-000007"), setting)

    assert values(only(session, Payment), "member_id") == {
        "stripe_payment_intent_id": "pi_1",
        "stripe_charge_id": "ch_1",
        "stripe_customer_id": "cus_1",
        "stripe_invoice_id": "in_1",
        "stripe_subscription_id": "sub_1",
        "pledge_id": None,
        "campaign_id": None,
        "status": PaymentStatus.succeeded,
        "interval": Interval.month,
        "amount_minor": 500,
        "currency": "eur",
        "amount_refunded_minor": 0,
        "settled_gross_minor": 500,
        "settled_fee_minor": 33,
        "settled_currency": "eur",
        "exchange_rate": None,
        "stripe_balance_transaction_id": "txn_charge",
        "method": "visa",
        "method_last4": "4242",
        "failure_code": None,
        "decline_code": None,
        "kept_receipt_number": "HC-2026-000007",
        "created_at": BEGUN,
        "paid_at": BEGUN,
        "synced_at": NOW,
    }


def test_one_that_failed_is_kept_with_its_reason_and_makes_nobody_a_member(
    session: Session, setting: Context
) -> None:
    wanted = project_payment(session, pictures.payment(**UNPAID), setting)

    row = only(session, Payment)
    assert wanted == []
    assert (row.status, row.failure_code, row.decline_code) == (
        PaymentStatus.requires_payment_method,
        "card_declined",
        "insufficient_funds",
    )
    assert (row.member_id, row.paid_at, row.settled_gross_minor, row.settled_currency) == (None,) * 4
    assert not any(all_of(session, model) for model in (Member, Receipt, Entry))


@pytest.mark.parametrize("unfinished", [{"status": "processing"}, {"paid_at": None}])
def test_one_whose_money_is_on_its_way_is_not_paid_yet(
    session: Session, setting: Context, unfinished: dict[str, Any]
) -> None:
    project_payment(session, pictures.payment(**unfinished), setting)

    assert only(session, Payment).member_id is None
    assert all_of(session, Receipt) == []


def test_the_subscription_is_wanted_when_its_payment_is_first_seen_paid_and_then_no_more(
    session: Session, setting: Context
) -> None:
    project_payment(session, pictures.payment(**UNPAID), setting)

    assert project_payment(session, pictures.payment(), setting) == [(ObjectType.subscription, "sub_1")]
    assert project_payment(session, pictures.payment(), setting) == []


@pytest.mark.parametrize("invoice", [None, pictures.invoice(subscription_id=None)])
def test_a_payment_of_no_subscription_wants_nothing(session: Session, setting: Context, invoice: Any) -> None:
    assert project_payment(session, pictures.payment(invoice=invoice), setting) == []


def test_a_single_gift_is_once_and_has_neither_invoice_nor_subscription(
    session: Session, setting: Context
) -> None:
    project_payment(session, pictures.payment(invoice=None), setting)

    row, receipt = only(session, Payment), only(session, Receipt)
    assert (row.interval, row.stripe_invoice_id, row.stripe_subscription_id) == (Interval.once, None, None)
    assert (receipt.interval, receipt.period_start_on, receipt.period_end_on) == (Interval.once, None, None)


def test_the_interval_is_the_subscriptions_before_the_pledges_before_a_month(
    session: Session, setting: Context
) -> None:
    pledge = add_pledge(session, interval=Interval.year)
    unknown = pictures.payment(id="pi_0", charge_id="ch_0", balance=None)
    project_payment(session, unknown, setting)
    project_payment(session, pictures.payment(pledge_id=pledge.id), setting)
    by_pledge = only(session, Payment, Payment.stripe_payment_intent_id == "pi_1").interval
    printed = [receipt.interval for receipt in all_of(session, Receipt)]
    project_subscription(session, pictures.subscription(interval=Interval.month), setting)
    project_payment(session, pictures.payment(pledge_id=pledge.id), setting)

    rows = {row.stripe_payment_intent_id: row.interval for row in all_of(session, Payment)}
    assert (rows["pi_0"], by_pledge, rows["pi_1"]) == (Interval.month, Interval.year, Interval.month)
    assert only(session, Subscription).interval is Interval.month
    assert printed == [Interval.month, Interval.year]


def test_a_converted_payment_is_kept_in_both_currencies_with_its_rate(
    session: Session, setting: Context
) -> None:
    settled = pictures.balance(
        gross=Money(540, "usd"), fee=Money(46, "usd"), exchange_rate=Decimal("1.0800000000")
    )
    project_payment(session, pictures.payment(balance=settled), setting)

    row, entry = only(session, Payment), only(session, Entry)
    assert (row.amount_minor, row.currency) == (500, "eur")
    assert (row.settled_gross_minor, row.settled_fee_minor, row.settled_currency) == (540, 46, "usd")
    assert row.exchange_rate == Decimal("1.08")
    assert (entry.currency, entry.given_minor, entry.given_currency) == ("usd", 500, "eur")


def test_the_books_name_the_payment_its_member_and_its_campaign(session: Session, setting: Context) -> None:
    pledge = add_pledge(session, campaign_slug="autumn")
    member = add_member(session, setting, pledge_id=pledge.id)

    entry, campaign = only(session, Entry), only(session, Campaign)
    assert campaign.slug == "autumn"
    assert (entry.payment_id, entry.member_id, entry.campaign_id) == (
        only(session, Payment).id,
        member.id,
        campaign.id,
    )
    assert only(session, Payment).campaign_id == campaign.id


def test_before_stripe_has_settled_it_a_payment_is_thanked_for_and_not_booked(
    session: Session, setting: Context
) -> None:
    project_payment(session, pictures.payment(balance=None), setting)

    assert all_of(session, Entry) == []
    assert only(session, Receipt).amount_minor == 500


def test_a_pledge_is_found_by_the_invoice_too_and_what_was_typed_with_it_is_forgotten(
    session: Session, setting: Context
) -> None:
    pledge = add_pledge(session)
    typed = PersonInClear(address="ada@example.org", name="Ada Adler")
    setting.vault.keep_contact(session, pledge.id, typed, now=NOW)
    member = add_member(session, setting, invoice=pictures.invoice(pledge_id=pledge.id))

    assert member.person_id
    person = setting.vault.find_person(session, member.person_id)
    assert person == typed
    assert (member.language, only(session, Payment).pledge_id) == ("ru", pledge.id)
    assert all_of(session, Contact) == []


def test_the_address_stripe_took_goes_before_the_one_typed(session: Session, setting: Context) -> None:
    pledge = add_pledge(session)
    typed = PersonInClear(address="typed@example.org", name="Ada Adler")
    setting.vault.keep_contact(session, pledge.id, typed, now=NOW)
    member = add_member(session, setting, pledge_id=pledge.id, customer_address="paid@example.org")

    assert member.person_id
    person = setting.vault.find_person(session, member.person_id)
    assert person == PersonInClear(address="paid@example.org", name="Ada Adler")


def test_the_address_typed_stands_in_where_stripe_took_none(session: Session, setting: Context) -> None:
    pledge = add_pledge(session)
    typed = PersonInClear(address="typed@example.org", name=None)
    setting.vault.keep_contact(session, pledge.id, typed, now=NOW)
    member = add_member(session, setting, pledge_id=pledge.id, customer_address=None)

    assert member.person_id
    assert setting.vault.find_person(session, member.person_id) == typed
    assert only(session, Customer).address_digest is None


def test_a_payment_of_nobody_makes_a_member_whom_nobody_knows(session: Session, setting: Context) -> None:
    member = add_member(session, setting, customer_address=None, customer_id=None)

    assert (member.person_id, member.language, member.joined_at) == (None, "en", BEGUN)
    assert not all_of(session, Person)
    assert not all_of(session, Customer)
    assert only(session, Receipt).sealed_name is None


def test_the_customer_is_remembered_as_the_members_with_the_address_it_had(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)

    customer = only(session, Customer)
    assert (customer.stripe_customer_id, customer.member_id) == ("cus_1", member.id)
    assert customer.address_digest in setting.vault.address_digests("ada@example.org")


def test_later_payments_of_a_customer_are_the_same_members_whatever_address_they_bear(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)
    project_payment(
        session,
        pictures.payment(id="pi_2", charge_id="ch_2", customer_address="else@example.org", balance=None),
        setting,
    )

    assert {row.member_id for row in all_of(session, Payment)} == {member.id}


def test_another_customer_of_the_same_address_is_the_same_member(session: Session, setting: Context) -> None:
    member = add_member(session, setting)
    earlier = pictures.payment(
        id="pi_2", charge_id="ch_2", customer_id="cus_2", balance=None, paid_at=BEGUN - DAY
    )
    project_payment(session, earlier, setting)

    assert {row.member_id for row in all_of(session, Customer)} == {member.id}
    assert only(session, Member).joined_at == BEGUN - DAY


def test_a_payment_seen_again_stays_its_members_even_where_its_customer_is_gone(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)
    project_payment(session, pictures.payment(customer_id=None, customer_address="x@example.org"), setting)

    assert only(session, Payment).member_id == only(session, Member).id == member.id


def test_what_was_written_with_a_pledge_is_sealed_for_its_giver_once_it_is_paid(
    session: Session, setting: Context
) -> None:
    pledge = add_pledge(session)
    note = pack_note(NoteKind.honour, "For\nmy mother")
    setting.vault.keep_contact(session, pledge.id, ADA, now=NOW, note=note)
    member = add_member(session, setting, pledge_id=pledge.id)

    kept = only(session, Note)
    assert values(kept, "sealed_text", "read_at") == {
        "pledge_id": pledge.id,
        "member_id": member.id,
        "kind": NoteKind.honour,
        "created_at": NOW,
    }
    assert setting.vault.unseal_for_person(session, member.person_id, kept.sealed_text) == "For\nmy mother"


def test_what_somebody_wrote_who_was_erased_before_it_was_paid_is_kept_by_nobody(
    session: Session, setting: Context
) -> None:
    pledge = add_pledge(session)
    member = add_member(session, setting)
    assert member.person_id
    setting.vault.erase_person(session, member.person_id)
    session.expire_all()
    note = pack_note(NoteKind.honour, "For my mother")
    setting.vault.keep_contact(session, pledge.id, ADA, now=NOW, note=note)
    project_payment(session, pictures.payment(id="pi_2", pledge_id=pledge.id, balance=None), setting)

    assert all_of(session, Note) == []
