"""Money going back, and sometimes coming back again."""

import pytest
from stripe.params import RefundCreateParams

from app.billing.models import Payment, Refund
from app.billing.statuses import RefundStatus
from app.flows.sync import SyncOutcome, sync_at_once
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Account, Direction, Entry, EntryKind, Posting
from app.members.models import FactKind, MembershipFact
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from tests.support.cast import ADA, REFUND_FAILS, REFUND_PENDING
from tests.support.compare import differences, stripe_balance
from tests.support.world import World


def gift(world: World, *, card: str = "4242424242424242", minor: int = 1500, currency: str = "usd") -> str:
    """Let Ada give once; returns the payment intent."""
    world.give(ADA, Money(minor, currency), Interval.once, card=card)
    return world.one(Payment).stripe_payment_intent_id


def refund(world: World, intent_id: str, minor: int | None = None) -> str:
    """Refund at Stripe and let it come through; returns the refund."""
    params: RefundCreateParams = {"payment_intent": intent_id}
    if minor is not None:
        params["amount"] = minor
    made = world.v1.refunds.create(params)
    world.settle()
    return made.id


def entry_kinds(world: World) -> list[EntryKind]:
    return [entry.kind for entry in world.rows(Entry)]


def held(world: World) -> dict[str, int]:
    with world.parts.sessions() as session:
        return stripe_balance(session)


def test_a_full_refund_goes_back_and_stripe_keeps_its_fee(world: World) -> None:
    intent_id = gift(world)
    assert held(world) == {"usd": 1500 - 74}

    refund(world, intent_id)

    assert entry_kinds(world) == [EntryKind.payment, EntryKind.refund]
    assert held(world) == {"usd": -74}
    back = world.rows(Posting, Posting.account == Account.refunds)
    assert [(line.direction, line.amount_minor) for line in back] == [(Direction.debit, 1500)]
    assert world.one(Payment).amount_refunded_minor == 1500
    assert len(world.rows(Receipt)) == 1
    assert [mail.kind for mail in world.rows(QueuedMail)] == [MailKind.receipt, MailKind.credit_note]
    assert differences(world.parts.sessions, world.stripe) == []


@pytest.mark.parametrize("currency", ["eur", "jpy", "kwd"])
def test_several_partial_refunds_are_booked_each_once(world: World, currency: str) -> None:
    intent_id = gift(world, minor=3000, currency=currency)

    for minor in (1000, 500, 1500):
        refund(world, intent_id, minor)

    assert sorted(row.amount_minor for row in world.rows(Refund)) == [500, 1000, 1500]
    assert entry_kinds(world).count(EntryKind.refund) == 3
    assert world.one(Payment).amount_refunded_minor == 3000
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_refund_that_fails_later_comes_back_to_the_balance(world: World) -> None:
    intent_id = gift(world, card=REFUND_FAILS)
    refund(world, intent_id)
    assert world.one(Refund).status is RefundStatus.succeeded
    assert held(world) == {"usd": -74}

    world.advance(days=0.1)
    world.settle()

    assert world.one(Refund).status is RefundStatus.failed
    assert entry_kinds(world) == [EntryKind.payment, EntryKind.refund, EntryKind.refund_failure]
    assert held(world) == {"usd": 1500 - 74}
    assert world.one(Payment).amount_refunded_minor == 0
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_pending_refund_is_booked_when_stripe_takes_the_money(world: World) -> None:
    intent_id = gift(world, card=REFUND_PENDING)
    refund(world, intent_id)
    assert world.one(Refund).status is RefundStatus.pending
    assert entry_kinds(world) == [EntryKind.payment, EntryKind.refund]

    world.advance(days=0.1)
    world.settle()

    assert world.one(Refund).status is RefundStatus.succeeded
    assert entry_kinds(world) == [EntryKind.payment, EntryKind.refund]
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_refund_of_a_converted_gift_goes_back_at_its_own_rate(world: World) -> None:
    world.stripe.settings(settlement_currency="eur")
    intent_id = gift(world, minor=2000, currency="usd")

    refund(world, intent_id, 700)

    assert {entry.currency for entry in world.rows(Entry)} == {"eur"}
    (back,) = world.rows(Entry, Entry.kind == EntryKind.refund)
    assert (back.given_minor, back.given_currency) == (-700, "usd")
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_refund_told_before_its_payment_waits_for_it(world: World) -> None:
    session_id = world.open_session(world.form(ADA, Money(2500, "eur"), Interval.once))
    world.pay(session_id, ADA)
    (intent,) = world.stripe.objects("payment_intent")
    made = world.v1.refunds.create({"payment_intent": intent["id"]})
    world.collect()

    synced = sync_at_once(world.parts, (ObjectType.refund, made.id), now=utc_now())

    assert synced
    assert synced.outcome is SyncOutcome.postponed
    assert world.rows(Refund) == []
    world.settle()
    assert entry_kinds(world) == [EntryKind.payment, EntryKind.refund]
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_refunded_period_leaves_the_membership_as_it_was(world: World) -> None:
    world.give(ADA)

    refund(world, world.one(Payment).stripe_payment_intent_id)

    assert [fact.kind for fact in world.rows(MembershipFact)] == [FactKind.started]
    assert differences(world.parts.sessions, world.stripe) == []
