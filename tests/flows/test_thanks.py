"""The thanks page tells the truth at once, whether or not the webhook has come."""

from app.flows.thanks import Outcome, ThanksPicture, look_at_checkout
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import FactKind, Member, MembershipFact
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from tests.support.cast import ADA, DAN, THREE_D_SECURE_ALWAYS
from tests.support.compare import differences
from tests.support.world import World


def look(world: World, session_id: str) -> ThanksPicture:
    picture = look_at_checkout(world.parts, session_id)
    assert picture
    return picture


def test_a_paid_session_is_thanked_before_any_webhook_has_come(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)

    picture = look(world, session_id)

    assert picture.outcome is Outcome.paid
    assert picture.amount == Money(200, "eur")
    assert picture.member_code == world.one(Member).code
    assert picture.receipt_number == world.one(Receipt).number
    assert picture.paid_on == world.one(Receipt).paid_on
    assert picture.next_charge_on
    assert picture.next_charge_on > picture.paid_on
    assert len(world.rows(Entry)) == len(world.rows(QueuedMail)) == 1
    assert world.one(MembershipFact).kind is FactKind.started


def test_the_webhooks_that_come_after_the_thanks_change_nothing(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    thanked = look(world, session_id)

    world.settle()

    assert look(world, session_id) == thanked
    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == len(world.rows(QueuedMail)) == 1
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_support_that_is_to_end_names_no_next_charge(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    world.settle()
    world.stripe.client().v1.subscriptions.update(world.subscription_id(), {"cancel_at_period_end": True})
    world.settle()

    picture = look(world, session_id)

    assert (picture.outcome, picture.next_charge_on) == (Outcome.paid, None)


def test_a_gift_made_once_names_no_next_charge(world: World) -> None:
    session_id = world.open_session(world.form(ADA, Money(3000, "jpy"), Interval.once))
    world.pay(session_id, ADA)

    picture = look(world, session_id)

    assert (picture.outcome, picture.amount, picture.next_charge_on) == (
        Outcome.paid,
        Money(3000, "jpy"),
        None,
    )


def test_an_unpaid_session_says_so_and_names_the_way_on(world: World) -> None:
    session_id = world.open_session(world.form(DAN))

    picture = look(world, session_id)

    assert picture.outcome is Outcome.not_paid
    assert picture.resume_key
    assert picture.receipt_id is None
    assert world.rows(Member) == []


def test_a_session_waiting_for_authentication_is_not_paid(world: World) -> None:
    session_id = world.open_session(world.form(DAN))
    world.pay(session_id, DAN, card=THREE_D_SECURE_ALWAYS)

    assert look(world, session_id).outcome is Outcome.not_paid


def test_while_stripe_is_away_a_session_is_on_its_way_and_no_more_is_claimed(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    world.stripe.faults("fail_before", count=2)

    assert look(world, session_id).outcome is Outcome.processing

    assert look(world, session_id).outcome is Outcome.paid


def test_while_a_worker_has_the_session_the_page_waits(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    world.stripe.faults("fail_before", method="GET", route="/v1/payment_intents/*", count=2)

    assert look(world, session_id).outcome is Outcome.processing

    world.settle()
    assert look(world, session_id).outcome is Outcome.paid


def test_a_paid_session_is_thanked_without_asking_stripe(world: World) -> None:
    session_id = world.give(ADA)
    asked = len(world.stripe.requests())

    assert look(world, session_id).outcome is Outcome.paid

    assert len(world.stripe.requests()) == asked


def test_a_session_that_is_not_ours_is_nothing(world: World) -> None:
    assert look_at_checkout(world.parts, "cs_test_of_somebody_else") is None


def test_the_thanks_of_a_year_ago_still_name_the_first_receipt(world: World) -> None:
    session_id = world.give(ADA)
    first = look(world, session_id)
    world.advance(days=65)
    world.settle()

    later = look(world, session_id)

    assert later.receipt_number == first.receipt_number
    assert later.next_charge_on
    assert first.next_charge_on
    assert later.next_charge_on > first.next_charge_on
