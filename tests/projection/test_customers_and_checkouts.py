"""What pictures of customers and of Checkout sessions leave in our rows."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.billing.models import Customer
from app.giving.models import Pledge
from app.inbox.models import ObjectType
from app.kernel.ids import new_id
from app.projection.checkout import project_checkout
from app.projection.context import Context
from app.projection.customer import project_customer
from app.projection.payment import project_payment
from app.projection.subscription import project_subscription
from app.stripe_gateway.snapshots import CheckoutSnapshot, CustomerSnapshot
from tests.projection.rows import add_member, add_pledge, all_of, only
from tests.support import pictures
from tests.support.pictures import BEGUN, DAY, HOUR, NOW

ADA, MOVED, BEN = "ada@example.org", "ada@moved.example", "ben@example.org"


def see(session: Session, setting: Context, address: str | None = ADA, **changed: Any) -> list[Any]:
    shown = CustomerSnapshot(**{"id": "cus_1", "deleted": False, "address": address, **changed})
    return project_customer(session, shown, setting)


def address_of(session: Session, setting: Context, person_id: Any) -> str | None:
    session.expire_all()
    person = setting.vault.find_person(session, person_id)
    return person.address if person else None


def test_a_customer_nobody_paid_as_is_kept_without_a_member(session: Session, setting: Context) -> None:
    see(session, setting)

    row = only(session, Customer)
    assert (row.stripe_customer_id, row.member_id, row.deleted_at) == ("cus_1", None, None)
    assert row.address_digest in setting.vault.address_digests(ADA)
    assert row.address_of_member_id is None


def test_a_deleted_customer_is_gone_since_we_first_heard_so(session: Session, setting: Context) -> None:
    see(session, setting)
    see(session, setting, None, deleted=True)
    see(session, replace(setting, now=NOW + DAY), None, deleted=True)

    row = only(session, Customer)
    assert row.deleted_at == NOW
    assert row.address_digest in setting.vault.address_digests(ADA)


def test_a_customer_that_is_there_after_all_is_not_gone(session: Session, setting: Context) -> None:
    see(session, setting, None, deleted=True)
    see(session, setting)

    assert only(session, Customer).deleted_at is None


def test_the_running_subscriptions_of_a_customer_are_wanted_and_no_others(
    session: Session, setting: Context
) -> None:
    for shown in (
        pictures.subscription(id="sub_1"),
        pictures.subscription(id="sub_2", ended_at=NOW, status="canceled"),
        pictures.subscription(id="sub_3", customer_id="cus_else"),
    ):
        project_subscription(session, shown, setting)

    assert see(session, setting) == [(ObjectType.subscription, "sub_1")]


def test_an_address_changed_at_stripe_is_the_members_from_then_on(session: Session, setting: Context) -> None:
    member = add_member(session, setting)
    see(session, setting, MOVED)

    assert address_of(session, setting, member.person_id) == MOVED
    row = only(session, Customer)
    assert (row.member_id, row.address_of_member_id) == (member.id, None)
    assert row.address_digest in setting.vault.address_digests(MOVED)


def test_an_address_that_stands_as_it_was_does_not_undo_a_change_made_here(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)
    assert member.person_id
    setting.vault.change_address(session, member.person_id, MOVED)
    see(session, setting, ADA)

    assert address_of(session, setting, member.person_id) == MOVED


def test_an_address_without_one_before_it_changes_nobodys(session: Session, setting: Context) -> None:
    pledge = add_pledge(session)
    member = add_member(session, setting, customer_address=None, pledge_id=pledge.id)
    see(session, setting, MOVED)
    see(session, setting, BEN)

    assert member.person_id is None
    assert only(session, Customer).address_digest in setting.vault.address_digests(BEN)


def add_ben(session: Session, setting: Context) -> Any:
    ben = pictures.payment(
        id="pi_2", charge_id="ch_2", customer_id="cus_2", customer_address=BEN, balance=None, invoice=None
    )
    project_payment(session, ben, setting)
    return only(session, Customer, Customer.stripe_customer_id == "cus_2").member_id


def test_another_members_address_is_left_to_staff_until_it_is_nobodys_trouble(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)
    ben_id = add_ben(session, setting)
    contested = Customer.stripe_customer_id == "cus_1"

    see(session, setting, BEN)
    first = only(session, Customer, contested).address_of_member_id
    see(session, setting, BEN)
    again = only(session, Customer, contested).address_of_member_id
    see(session, setting, MOVED)

    assert (first, again) == (ben_id, ben_id)
    assert only(session, Customer, contested).address_of_member_id is None
    assert address_of(session, setting, member.person_id) == MOVED


def test_an_address_that_is_back_as_the_members_own_is_contested_no_more(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)
    add_ben(session, setting)
    see(session, setting, BEN)
    see(session, setting, ADA)

    row = only(session, Customer, Customer.stripe_customer_id == "cus_1")
    assert row.address_of_member_id is None
    assert address_of(session, setting, member.person_id) == ADA


def test_somebody_erased_stays_unknown_whatever_stripe_shows(session: Session, setting: Context) -> None:
    member = add_member(session, setting)
    assert member.person_id
    setting.vault.erase_person(session, member.person_id)
    session.expire_all()
    see(session, setting, MOVED)

    assert member.person_id is None
    assert setting.vault.find_person_id(session, MOVED) is None


def checkout(pledge: Pledge | None, **changed: Any) -> CheckoutSnapshot:
    shown: dict[str, Any] = {
        "id": "cs_1",
        "status": "complete",
        "payment_status": "paid",
        "url": None,
        "expires_at": BEGUN + DAY,
        "pledge_id": pledge.id if pledge else None,
        "customer_id": None,
        "subscription_id": None,
        "invoice_id": None,
        "payment_intent_ids": (),
    }
    return CheckoutSnapshot(**{**shown, **changed})


def ends(session: Session) -> tuple[datetime | None, datetime | None, str | None]:
    pledge = only(session, Pledge)
    return pledge.completed_at, pledge.expired_at, pledge.stripe_checkout_session_id


def test_a_session_that_is_complete_completes_its_pledge_once(session: Session, setting: Context) -> None:
    pledge = add_pledge(session)
    for now in (NOW, NOW + HOUR):
        project_checkout(session, checkout(pledge), replace(setting, now=now))
        session.flush()

    assert ends(session) == (NOW, None, "cs_1")


def test_one_paid_in_an_older_window_completes_the_pledge_all_the_same(
    session: Session, setting: Context
) -> None:
    pledge = add_pledge(session, stripe_checkout_session_id="cs_newer")
    project_checkout(session, checkout(pledge), setting)
    session.flush()

    assert ends(session) == (NOW, None, "cs_1")


def test_the_present_session_that_expires_expires_the_pledge_once(session: Session, setting: Context) -> None:
    pledge = add_pledge(session, stripe_checkout_session_id="cs_1")
    for now in (NOW, NOW + HOUR):
        wanted = project_checkout(
            session, checkout(pledge, status="expired", customer_id="cus_1"), replace(setting, now=now)
        )
        session.flush()

    assert (wanted, ends(session)) == ([], (None, NOW, "cs_1"))


@pytest.mark.parametrize(("status", "present"), [("expired", "cs_newer"), ("open", "cs_1")])
def test_neither_an_older_session_nor_an_open_one_ends_a_pledge(
    session: Session, setting: Context, status: str, present: str
) -> None:
    pledge = add_pledge(session, stripe_checkout_session_id=present)
    assert project_checkout(session, checkout(pledge, status=status), setting) == []
    session.flush()

    assert ends(session) == (None, None, present)


def test_all_that_a_session_brought_about_is_wanted(session: Session, setting: Context) -> None:
    came = checkout(
        None,
        payment_intent_ids=("pi_1", "pi_2"),
        customer_id="cus_1",
        subscription_id="sub_1",
        invoice_id="in_1",
    )

    assert project_checkout(session, came, setting) == [
        (ObjectType.payment_intent, "pi_1"),
        (ObjectType.payment_intent, "pi_2"),
        (ObjectType.customer, "cus_1"),
        (ObjectType.subscription, "sub_1"),
        (ObjectType.invoice, "in_1"),
    ]


def test_a_session_of_no_pledge_of_ours_changes_none(session: Session, setting: Context) -> None:
    add_pledge(session)
    unknown = replace(checkout(None), pledge_id=new_id())
    assert project_checkout(session, checkout(None), setting) == []
    assert project_checkout(session, unknown, setting) == []

    assert [pledge.completed_at for pledge in all_of(session, Pledge)] == [None]
