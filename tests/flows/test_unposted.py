"""A balance transaction whose object cannot be synced is in the books all the same, and seen until it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.billing.models import Payment
from app.db import reading, transaction
from app.flows.reconcile import sweep
from app.flows.reconcile.balance import read_page, see_to_page
from app.flows.reconcile.command import reconcile
from app.flows.reconcile.unposted import NEXT_TRY, post_unbrought
from app.flows.regular import RegularWork
from app.inbox import leases
from app.inbox.failing import DEAD_FROM_ATTEMPTS
from app.inbox.models import ObjectType, WantedObject
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Account, Entry, EntryKind, Posting
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from app.reconciliation.models import Drift, SweepKind, UnpostedTransaction
from app.reconciliation.unposted import Unposted, remember_unposted
from app.stripe_gateway.money_reading import read_transactions
from app.stripe_gateway.money_snapshots import TransactionPage
from app.stripe_gateway.plain import Plain
from app.stripe_gateway.snapshots import BalanceSnapshot
from tests.support.cast import ADA, reader
from tests.support.compare import stripe_balance
from tests.support.world import World

A_PAYMENT = "/v1/payment_intents/{id}"
TEN = Money(1000, "eur")


def pay_unread(world: World) -> None:
    """Let Ada give, and Stripe fail each time her payment is asked for."""
    world.stripe.faults("fail_before", route=A_PAYMENT, count=9999)
    world.pay(world.open_session(world.form(ADA, TEN, Interval.once)), ADA)
    world.deliver()
    world.work()


def until_dead(world: World) -> None:
    for hour in range(1, 2 + DEAD_FROM_ATTEMPTS):
        world.wait_and(world.work, hours=hour)


def read_the_balance(world: World) -> None:
    read_page(world.parts, sweep.begin(world.parts, SweepKind.recent))


def ours_is_theirs(world: World) -> bool:
    with reading(world.parts.sessions) as session:
        ours = stripe_balance(session)
    return ours == world.parts.gateway.fetch_balance()


def is_dead(world: World) -> bool:
    (waiting,) = world.rows(WantedObject, WantedObject.object_type == ObjectType.payment_intent)
    return waiting.wanted > waiting.done and waiting.attempts >= DEAD_FROM_ATTEMPTS


def test_a_transaction_waits_for_its_payment_as_long_as_that_is_tried(world: World) -> None:
    pay_unread(world)

    read_the_balance(world)
    read_the_balance(world)

    assert not is_dead(world)
    assert post_unbrought(world.parts) == 0
    assert world.rows(Entry) == []
    (waiting,) = world.rows(UnpostedTransaction)
    net = world.parts.gateway.fetch_balance()["eur"]
    assert (waiting.category, waiting.net_minor, waiting.currency) == ("charge", net, "eur")
    assert (waiting.bringer_type, waiting.bringer_id) == (
        "payment_intent",
        world.stripe.objects("payment_intent")[0]["id"],
    )
    assert world.rows(Drift) == []


def test_a_fetch_begun_before_the_transaction_is_not_the_last(world: World) -> None:
    """It may show the payment without what came meanwhile, which would then be posted without a member."""
    pay_unread(world)
    (waiting,) = world.rows(WantedObject, WantedObject.object_type == ObjectType.payment_intent)
    with transaction(world.parts.sessions) as session:
        lease = leases.take_one(session, (waiting.object_type, waiting.object_id), now=utc_now())
    assert lease

    read_the_balance(world)
    with transaction(world.parts.sessions) as session:
        leases.complete(session, lease, digest=None, now=utc_now())

    assert post_unbrought(world.parts) == 0
    world.stripe.clear_faults()
    world.wait_and(world.work, hours=1)
    assert world.one(Entry).member_id is not None


def test_a_payment_that_is_dead_keeps_no_money_out_of_the_books(world: World) -> None:
    pay_unread(world)
    read_the_balance(world)
    until_dead(world)
    assert is_dead(world)

    assert post_unbrought(world.parts) == 1

    entry = world.one(Entry)
    assert (entry.kind, entry.given_minor, entry.member_id) == (EntryKind.payment, 1000, None)
    assert {line.account for line in world.rows(Posting)} == {
        Account.stripe_balance,
        Account.processing_fees,
        Account.contributions,
    }
    assert ours_is_theirs(world)
    assert world.rows(UnpostedTransaction) == []
    assert post_unbrought(world.parts) == 0


def test_a_payment_that_recovers_later_posts_nothing_twice_and_has_its_receipt(world: World) -> None:
    pay_unread(world)
    read_the_balance(world)
    until_dead(world)
    post_unbrought(world.parts)
    assert world.rows(Receipt) == []

    world.stripe.clear_faults()
    world.wait_and(world.work, hours=99)

    payment = world.one(Payment)
    assert world.one(Receipt).payment_id == payment.id
    assert len(world.rows(QueuedMail)) == 1
    assert world.one(Entry).stripe_balance_transaction_id == payment.stripe_balance_transaction_id
    assert ours_is_theirs(world)
    read_the_balance(world)
    assert world.rows(UnpostedTransaction) == []


def test_a_worker_posts_what_a_dead_letter_would_have_brought(world: World) -> None:
    work = RegularWork(world.parts, look_seconds=0)
    work.turn()
    pay_unread(world)
    read_the_balance(world)
    until_dead(world)

    def look_twice() -> None:
        work.turn()
        work.turn()

    world.wait_and(look_twice, hours=0.05)

    assert len(world.rows(Entry)) == 1


def test_what_its_object_brought_meanwhile_is_forgotten(world: World) -> None:
    pay_unread(world)
    read_the_balance(world)
    world.stripe.clear_faults()
    world.wait_and(world.work, hours=1)

    assert post_unbrought(world.parts) == 0

    assert world.rows(UnpostedTransaction) == []
    assert world.one(Entry).member_id is not None


def test_a_command_posts_alone_only_what_is_dead(world: World) -> None:
    pay_unread(world)
    outcome = reconcile(world.parts, full=False, since_days=30, say=str)
    assert not outcome.all_equal
    assert world.rows(Entry) == []

    until_dead(world)
    outcome = reconcile(world.parts, full=False, since_days=30, say=str)

    assert [balance.difference_minor for balance in outcome.balances] == [0]
    assert [wanted[0] for wanted in outcome.still_waiting] == [ObjectType.payment_intent]


@pytest.mark.parametrize(
    ("category", "minor", "account"),
    [
        ("charge", 500, Account.contributions),
        ("refund", -500, Account.refunds),
        ("dispute", -500, Account.disputes),
        ("payout", -500, Account.bank),
        ("invented_tomorrow", 500, Account.adjustments),
    ],
)
def test_the_account_follows_from_the_category(
    world: World, category: str, minor: int, account: Account
) -> None:
    run = sweep.begin(world.parts, SweepKind.recent)
    alone = replace(of_euros("txn_1", minor), category=category)

    see_to_page(world.parts, run, TransactionPage(transactions=(alone,), intent_ids={}, last_id=None))

    assert {line.account for line in world.rows(Posting)} == {Account.stripe_balance, account}


def of_euros(transaction_id: str, minor: int = 500) -> BalanceSnapshot:
    return BalanceSnapshot(
        id=transaction_id,
        category="fee",
        source_id=None,
        gross=Money(minor, "eur"),
        fee=Money(0, "eur"),
        exchange_rate=None,
        created_at=utc_now() - timedelta(minutes=1),
    )


def test_one_transaction_that_cannot_be_posted_stops_no_other_of_its_page(world: World) -> None:
    two_currencies = replace(of_euros("txn_2"), fee=Money(1, "usd"))
    page = TransactionPage(
        transactions=(of_euros("txn_1"), two_currencies, of_euros("txn_3")), intent_ids={}, last_id=None
    )

    see_to_page(world.parts, sweep.begin(world.parts, SweepKind.recent), page)

    assert {entry.stripe_balance_transaction_id for entry in world.rows(Entry)} == {"txn_1", "txn_3"}
    left = world.one(UnpostedTransaction)
    assert (left.stripe_balance_transaction_id, left.last_error) == ("txn_2", "CurrencyMismatch")


def test_one_transaction_that_cannot_be_read_stops_no_other_of_its_page(world: World) -> None:
    shown = {
        "id": "txn_1",
        "amount": 500,
        "currency": "eur",
        "fee": 0,
        "reporting_category": "fee",
        "source": None,
        "exchange_rate": None,
        "created": 1_700_000_000,
    }
    listed = [shown, {**shown, "id": "txn_2", "currency": "coins"}, {"id": "txn_3"}]

    page = read_transactions(Plain({"data": listed, "has_more": True}))  # type: ignore[arg-type]
    see_to_page(world.parts, sweep.begin(world.parts, SweepKind.recent), page)

    assert page.last_id == "txn_3"
    assert world.one(Entry).stripe_balance_transaction_id == "txn_1"
    left = {one.stripe_balance_transaction_id: one for one in world.rows(UnpostedTransaction)}
    assert {one: row.last_error for one, row in left.items()} == {
        "txn_2": "ValueError",
        "txn_3": "AttributeError",
    }
    assert [row.net_minor for row in left.values()] == [None, None]
    assert len(world.rows(Drift)) == 3


def test_one_that_fails_waits_an_hour_and_holds_up_no_other(world: World) -> None:
    world.give(reader(1), TEN, Interval.once)
    world.stripe.settings(payout_schedule="daily")
    world.stripe.advance(seconds=9 * 86_400)
    (payout,) = world.stripe.objects("payout")
    found = [Unposted(transaction_id="txn_1Nobody", net=TEN), Unposted(transaction_id=str(of(payout)))]
    with transaction(world.parts.sessions) as session:
        remember_unposted(session, found, now=utc_now())

    assert post_unbrought(world.parts) == 1

    assert EntryKind.payout in {entry.kind for entry in world.rows(Entry)}
    left = world.one(UnpostedTransaction)
    assert left.last_error == "StripeRefused resource_missing"
    assert left.retry_at > utc_now() + NEXT_TRY - timedelta(minutes=1)


def of(payout: dict[str, object]) -> object:
    return payout["balance_transaction"]
