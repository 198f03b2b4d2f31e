"""Bank debits: success days later, reversal weeks later, and a refusal after Stripe's page was finished."""

import pytest

from app.billing.models import Dispute, Payment, Subscription
from app.billing.statuses import DisputeStatus, PaymentStatus, SubscriptionStatus
from app.db import Base
from app.flows.draw import draw_receipt
from app.flows.thanks import Outcome, ThanksPicture, look_at_checkout
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry, EntryKind
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import NoteKind, Receipt, ReceiptNote
from tests.support.cast import ADA, DEBIT_FAILED, DEBIT_PAID, DEBIT_PAID_LATER, DEBIT_RETURNED
from tests.support.compare import differences
from tests.support.pdf import text_of
from tests.support.world import World


def debit(world: World, iban: str, interval: Interval = Interval.once) -> str:
    """Let Ada finish Stripe's page with her bank account; returns the session."""
    session_id = world.open_session(world.form(ADA, Money(2500, "eur"), interval))
    world.pay(session_id, ADA, iban=iban)
    world.settle()
    return session_id


def picture(world: World, session_id: str) -> ThanksPicture:
    seen = look_at_checkout(world.parts, session_id)
    assert seen
    return seen


def count(world: World, *models: type[Base]) -> int:
    return sum(len(world.rows(model)) for model in models)


def receipt_mails(world: World) -> int:
    return len(world.rows(QueuedMail, QueuedMail.kind == MailKind.receipt))


def test_edge_17_a_debit_is_on_its_way_for_days_and_then_has_exactly_one_receipt(world: World) -> None:
    session_id = debit(world, DEBIT_PAID_LATER)
    assert picture(world, session_id).outcome is Outcome.processing
    assert world.one(Payment).status is PaymentStatus.processing
    assert count(world, Receipt, Entry, Member) == 0

    world.advance(days=5)
    world.settle()

    assert picture(world, session_id).outcome is Outcome.paid
    assert [entry.kind for entry in world.rows(Entry)] == [EntryKind.payment]
    assert len(world.rows(Receipt)) == receipt_mails(world) == 1
    assert world.one(Receipt).payment_method == "sepa_debit 3003"
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_17_a_debit_reversed_weeks_later_is_one_receipt_and_one_note(world: World) -> None:
    session_id = debit(world, DEBIT_PAID)
    world.advance(days=1)
    world.settle()
    charge_id = world.one(Payment).stripe_charge_id
    world.advance(days=21)
    opened = world.stripe.door("disputes", {"charge": charge_id, "reason": "debit_not_authorized"})
    world.stripe.door(f"disputes/{opened['id']}", {"won": False})

    world.settle()

    assert [entry.kind for entry in world.rows(Entry)] == [EntryKind.payment, EntryKind.dispute]
    assert len(world.rows(Receipt)) == receipt_mails(world) == 1
    note = world.one(ReceiptNote)
    assert note.kind is NoteKind.debit_returned
    assert (note.noted_on - world.one(Receipt).paid_on).days >= 20
    assert "The bank debit was returned" in text_of(draw_receipt(world.parts, world.one(Receipt).id).pdf)
    assert picture(world, session_id).outcome is Outcome.went_back
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_17_a_debit_returned_at_once_is_told_apart_from_a_dispute_of_a_card(world: World) -> None:
    debit(world, DEBIT_RETURNED)
    world.advance(days=1)
    world.settle()

    assert world.one(Dispute).status is DisputeStatus.lost
    assert [note.kind for note in world.rows(ReceiptNote)] == [NoteKind.debit_returned]
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_17_a_gift_whose_debit_fails_after_the_page_was_finished_is_told_as_failed(world: World) -> None:
    session_id = debit(world, DEBIT_FAILED)
    assert picture(world, session_id).outcome is Outcome.processing

    world.advance(days=1)
    world.settle()

    seen = picture(world, session_id)
    assert seen.outcome is Outcome.failed
    assert seen.tried_again_on is None
    assert seen.subscription_id is None
    assert count(world, Receipt, QueuedMail, Member, Entry) == 0
    assert differences(world.parts.sessions, world.stripe) == []


def test_edge_17_a_first_month_whose_debit_fails_says_when_it_is_tried_again(world: World) -> None:
    session_id = debit(world, DEBIT_FAILED, Interval.month)
    world.advance(days=1)
    world.settle()

    seen = picture(world, session_id)

    assert seen.outcome is Outcome.failed
    assert seen.tried_again_on is not None
    assert seen.subscription_id == world.one(Subscription).id
    assert world.one(Subscription).status is SubscriptionStatus.past_due
    assert count(world, Receipt, Member) == 0

    world.advance(days=40)
    world.settle()

    assert picture(world, session_id).outcome is Outcome.failed
    assert picture(world, session_id).subscription_id is None
    assert differences(world.parts.sessions, world.stripe) == []


@pytest.mark.parametrize("interval", [Interval.month, Interval.year])
def test_a_first_period_paid_by_debit_starts_the_membership_when_the_bank_has_paid(
    world: World, interval: Interval
) -> None:
    session_id = debit(world, DEBIT_PAID, interval)
    assert world.rows(Member) == []

    world.advance(days=1)
    world.settle()

    assert picture(world, session_id).outcome is Outcome.paid
    assert len(world.rows(Member)) == len(world.rows(Receipt)) == 1
    assert differences(world.parts.sessions, world.stripe) == []
