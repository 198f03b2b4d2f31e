"""What somebody changes in Stripe's dashboard is followed: addresses, cards, deletions."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.billing.models import Customer, Subscription
from app.billing.queries import select_contested
from app.billing.statuses import SubscriptionStatus
from app.db import reading, transaction
from app.flows.people.erase import erase_by_code
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactCause, FactKind, Member, MembershipFact
from app.vault.models import Person
from app.vault.sealing import Keyring
from app.vault.vault import PersonInClear, Vault
from tests.support.cast import ADA, BEN
from tests.support.mail import MailCatcher
from tests.support.world import World

ADAS_NEW = "ada@new.example"


@pytest.fixture
def ada(world: World) -> str:
    """Ada gives monthly; returns her customer at Stripe."""
    world.give(ADA)
    return world.one(Customer).stripe_customer_id


def change_address(world: World, customer_id: str, address: str) -> None:
    world.v1.customers.update(customer_id, {"email": address})
    world.settle()


def member_of(world: World, customer_id: str) -> Member:
    row = world.one(Customer, Customer.stripe_customer_id == customer_id)
    return world.one(Member, Member.id == row.member_id)


def address_of(world: World, customer_id: str) -> str:
    return world.person_of(member_of(world, customer_id)).address


def contested(world: World) -> list[str]:
    """Return the codes of the members whose customer shows another member's address."""
    with reading(world.parts.sessions) as session:
        found = session.scalars(sa.select(Member.code).where(Member.id.in_(select_contested())))
        return list(found)


def rotate_keys(world: World) -> None:
    """Seal and hash by another key from now on; what the old one did is still read."""
    rotated = Vault(Keyring(["another-vault-key-0123456789abcdefgh", "test-vault-key-0123456789abcdefghijk"]))
    object.__setattr__(world.parts, "vault", rotated)


def look_again(world: World, customer_id: str) -> None:
    with transaction(world.parts.sessions) as session:
        want(session, (ObjectType.customer, customer_id), now=utc_now())
    world.come_through()


def test_an_address_changed_at_stripe_moves_the_person_with_their_name(world: World, ada: str) -> None:
    change_address(world, ada, ADAS_NEW)

    assert world.person_of(world.one(Member)) == PersonInClear(address=ADAS_NEW, name=ADA.name)
    assert contested(world) == []
    world.give(PersonInClear(address=ADAS_NEW, name=None), Money(900, "eur"), Interval.once)
    assert len(world.rows(Member)) == 1


def test_the_mails_go_to_the_new_address(world: World, ada: str, mails: MailCatcher) -> None:
    world.send_mail()
    change_address(world, ada, ADAS_NEW)
    world.advance(days=32)
    world.settle()

    world.send_mail()

    assert [ADAS_NEW in message["To"] for message in mails.messages] == [False, True]


def test_another_spelling_of_the_same_mailbox_changes_nothing(world: World, ada: str) -> None:
    change_address(world, ada, "ADA@Example.org")

    assert address_of(world, ada) == ADA.address


def test_an_address_that_is_another_members_is_put_before_staff_and_nothing_changes(
    world: World, ada: str
) -> None:
    world.give(BEN)

    for _ in range(2):
        change_address(world, ada, BEN.address)
        look_again(world, ada)

    row = world.one(Customer, Customer.stripe_customer_id == ada)
    (bens,) = (one for one in world.rows(Customer) if one.stripe_customer_id != ada)
    assert address_of(world, ada) == ADA.address
    assert row.address_of_member_id == bens.member_id
    assert contested(world) == [member_of(world, ada).code]
    assert len(world.rows(Member)) == len(world.rows(Person)) == 2


def test_a_contested_address_is_settled_by_whichever_of_the_two_gives_way(world: World, ada: str) -> None:
    world.give(BEN)
    (bens,) = (one.stripe_customer_id for one in world.rows(Customer) if one.stripe_customer_id != ada)
    change_address(world, ada, BEN.address)

    change_address(world, bens, "ben@new.example")
    look_again(world, ada)

    assert contested(world) == []
    assert (address_of(world, ada), address_of(world, bens)) == (BEN.address, "ben@new.example")


def test_a_contested_address_taken_back_at_stripe_is_settled(world: World, ada: str) -> None:
    world.give(BEN)
    change_address(world, ada, BEN.address)

    change_address(world, ada, ADA.address)

    assert contested(world) == []
    assert address_of(world, ada) == ADA.address


def test_whoever_was_erased_is_not_known_again_by_a_change_at_stripe(world: World, ada: str) -> None:
    erase_by_code(world.parts, world.one(Member).code, now=utc_now())

    change_address(world, ada, ADAS_NEW)

    assert world.one(Member).person_id is None
    assert world.rows(Person) == []
    world.give(BEN)
    change_address(world, ada, BEN.address)
    assert contested(world) == []


def test_a_customer_who_has_paid_nothing_yet_is_nobodys_and_their_address_is_kept_by_its_hash_alone(
    world: World,
) -> None:
    session_id = world.open_session(world.form(BEN))
    world.pay(session_id, BEN, card="4000002760003184")
    (customer,) = world.stripe.objects("customer")

    change_address(world, customer["id"], "ben@new.example")

    row = world.one(Customer)
    assert (row.member_id, world.rows(Person)) == (None, [])
    assert row.address_digest == world.parts.vault.address_digests("ben@new.example")[0]


def test_a_change_of_the_vaults_keys_is_no_change_of_address(world: World, ada: str) -> None:
    before = world.one(Customer).address_digest
    rotate_keys(world)

    look_again(world, ada)

    assert world.one(Customer).address_digest != before
    assert address_of(world, ada) == ADA.address


def test_a_customer_left_at_the_old_address_never_moves_their_owner_back(world: World, ada: str) -> None:
    world.give(ADA, Money(900, "eur"), Interval.once)
    (other,) = (one.stripe_customer_id for one in world.rows(Customer) if one.stripe_customer_id != ada)
    change_address(world, ada, ADAS_NEW)
    rotate_keys(world)

    look_again(world, other)

    assert address_of(world, other) == ADAS_NEW


def test_a_card_renewed_at_stripe_is_seen_with_the_next_change_of_its_customer(
    world: World, ada: str
) -> None:
    method = world.stripe.objects("subscription")[0]["default_payment_method"]
    world.v1.payment_methods.update(method, {"card": {"exp_month": 2, "exp_year": 2052}})

    world.v1.customers.update(ada, {"description": "renewed"})
    world.settle()

    assert world.one(Subscription).method_expires_on == date(2052, 2, 29)


def test_another_card_is_what_the_next_renewal_is_charged_to(world: World, ada: str) -> None:
    world.change_card(world.subscription_id(), "tok_mastercard")
    world.settle()

    assert ada
    assert world.one(Subscription).method == "mastercard"


def test_a_deleted_customer_is_followed_to_the_end_of_their_subscription(world: World, ada: str) -> None:
    world.v1.customers.delete(ada)
    world.collect()
    world.undelivered = [event for event in world.undelivered if event["type"] == "customer.deleted"]
    world.settle()
    gone = world.one(Customer).deleted_at
    assert gone

    look_again(world, ada)

    assert world.one(Customer).deleted_at == gone
    assert world.one(Subscription).status is SubscriptionStatus.canceled
    ended = world.rows(MembershipFact)[-1]
    assert (ended.kind, ended.cause) == (FactKind.ended, FactCause.stripe)
