"""Balance transactions that come by themselves: what a sweep or a payout finds and no object brings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.billing.models import Dispute, Payment, Refund
from app.db import reading, transaction
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Account, Entry, EntryKind, Posting
from app.projection.context import Context
from app.projection.transaction import find_bringer, post_transaction
from app.stripe_gateway.snapshots import BalanceSnapshot
from tests.support.cast import ADA, DISPUTED_AT_ONCE
from tests.support.compare import stripe_balance
from tests.support.world import World


def moved(category: str, minor: int, *, source_id: str | None = None, fee: int = 0) -> BalanceSnapshot:
    """A transaction in euros as Stripe lists it."""
    return BalanceSnapshot(
        id=f"txn_test_{category}_{minor}_{source_id}",
        category=category,
        source_id=source_id,
        gross=Money(minor, "eur"),
        fee=Money(fee, "eur"),
        exchange_rate=None,
        created_at=utc_now() - timedelta(minutes=1),
    )


def post(world: World, snapshot: BalanceSnapshot) -> bool:
    with transaction(world.parts.sessions) as session:
        context = Context(now=utc_now(), newsroom=world.parts.newsroom, vault=world.parts.vault)
        return post_transaction(session, snapshot, context)


def test_what_no_object_brings_is_in_the_books_all_the_same(world: World) -> None:
    assert post(world, moved("fee", -700))
    assert post(world, moved("other_adjustment", 250))
    assert post(world, moved("invented_tomorrow", -30, fee=5))

    kinds = [entry.kind for entry in world.rows(Entry)]
    assert kinds == [EntryKind.stripe_fee, EntryKind.adjustment, EntryKind.adjustment]
    accounts = {line.account for line in world.rows(Posting)}
    assert accounts == {Account.stripe_balance, Account.stripe_fees, Account.adjustments}
    with reading(world.parts.sessions) as session:
        assert stripe_balance(session) == {"eur": -700 + 250 - 35}


def test_a_transaction_that_moved_nothing_is_an_entry_without_lines(world: World) -> None:
    assert post(world, moved("other_adjustment", 0))

    assert len(world.rows(Entry)) == 1
    assert world.rows(Posting) == []


def test_the_same_transaction_is_posted_once(world: World) -> None:
    assert post(world, moved("fee", -700))
    assert not post(world, moved("fee", -700))
    assert not post(world, replace(moved("fee", -700), gross=Money(-1, "eur")))

    assert [line.amount_minor for line in world.rows(Posting)] == [700, 700]


def test_a_transaction_that_comes_by_itself_still_finds_its_member(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once, card=DISPUTED_AT_ONCE)
    world.give(ADA, Money(1200, "eur"), Interval.once)
    gift = world.one(Payment, Payment.amount_minor == 1200)
    world.v1.refunds.create({"payment_intent": gift.stripe_payment_intent_id, "amount": 300})
    world.settle()
    disputed = world.one(Dispute)

    for category, minor, source_id, payment_minor in (
        ("charge_failure", -1200, gift.stripe_charge_id, 1200),
        ("refund_failure", 300, world.one(Refund).stripe_refund_id, 1200),
        ("dispute_reversal", 2500, disputed.stripe_dispute_id, 2500),
    ):
        snapshot = moved(category, minor, source_id=source_id)
        assert post(world, snapshot)
        entry = world.one(Entry, Entry.stripe_balance_transaction_id == snapshot.id)
        payment = world.one(Payment, Payment.amount_minor == payment_minor)
        assert (entry.payment_id, entry.member_id) == (payment.id, payment.member_id)
        assert (entry.given_minor, entry.given_currency) == (minor, "eur")


@pytest.mark.parametrize(
    ("category", "source_id", "intent_id", "bringer"),
    [
        ("charge", "ch_1", "pi_1", (ObjectType.payment_intent, "pi_1")),
        ("charge", "ch_1", None, None),
        ("charge_failure", "py_1", "pi_1", None),
        ("refund", "re_1", None, (ObjectType.refund, "re_1")),
        ("refund", "pyr_1", None, (ObjectType.refund, "pyr_1")),
        ("refund_failure", "re_1", None, (ObjectType.refund, "re_1")),
        ("dispute", "du_1", None, (ObjectType.dispute, "du_1")),
        ("dispute_reversal", "dp_1", None, (ObjectType.dispute, "dp_1")),
        ("payout", "po_1", None, (ObjectType.payout, "po_1")),
        ("payout_reversal", "po_1", None, (ObjectType.payout, "po_1")),
        ("refund", "ch_1", None, None),
        ("payout", None, None, None),
        ("fee", None, None, None),
        ("topup", "tu_1", None, None),
    ],
)
def test_a_transaction_is_brought_by_the_object_that_knows_whose_money_it_was(
    category: str, source_id: str | None, intent_id: str | None, bringer: Wanted | None
) -> None:
    assert find_bringer(moved(category, 100, source_id=source_id), intent_id) == bringer
