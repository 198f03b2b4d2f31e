"""Whatever no webhook told is found in Stripe's lists and mended."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.billing.models import Customer, Payment, Subscription
from app.billing.statuses import SubscriptionStatus
from app.db import transaction
from app.factory import join_parts
from app.flows.people.reseal import reseal_people
from app.flows.reconcile import sweep
from app.flows.reconcile.command import Outcome, begin_by_command, reconcile
from app.inbox import leases
from app.inbox.intake import want
from app.inbox.leases import LEASE_SECONDS
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Account, Direction, Entry, EntryKind, Posting
from app.members.models import FactKind, Member, MembershipFact
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from app.reconciliation.models import Drift, DriftKind, Sweep, SweepKind
from config.settings import Settings
from tests.support.cast import ADA, BEN, reader
from tests.support.compare import differences
from tests.support.world import World

MANY = 8
"""More than are left to their ordinary sync."""
HALF_WAY = 6
"""The step behind both readings of the subscriptions."""
LISTS = {
    "/v1/events",
    "/v1/checkout/sessions",
    "/v1/customers",
    "/v1/subscriptions",
    "/v1/invoices",
    "/v1/payment_intents",
    "/v1/refunds",
    "/v1/disputes",
    "/v1/payouts",
    "/v1/balance_transactions",
    "/v1/balance",
}
COUNT = "/v1/products/small_favor_deployment"
"""By which a restored database is noticed before anything is put in."""
MOST_LISTS = len(LISTS) + 5
"""The events are asked for their newest twice, the balance for its date twice, the subscriptions once more
after the payments."""


def compare(world: World, *, full: bool = True) -> Outcome:
    return reconcile(world.parts, full=full, since_days=30, say=lambda _line: None)


def pay_untold(world: World, count: int) -> None:
    """Let readers begin to pay, and no webhook come."""
    for number in range(count):
        world.pay(world.open_session(world.form(reader(number))), reader(number))


def forget_the_events(world: World) -> None:
    """Move Stripe's clock so far that it lists none of the events so far."""
    for _ in range(3):
        world.stripe.advance(seconds=15 * 86_400)


@pytest.mark.parametrize("count", [2, MANY])
def test_a_full_sweep_finds_everything_that_no_webhook_told(world: World, count: int) -> None:
    pay_untold(world, count)

    outcome = compare(world)

    assert outcome.all_equal
    assert len(world.rows(Member)) == count
    assert len(world.rows(Entry)) == count
    assert len(world.rows(Receipt)) == count
    assert [fact.kind for fact in world.rows(MembershipFact)] == [FactKind.started] * count
    assert len(world.rows(QueuedMail)) == count


def test_few_invoices_beside_many_payments_leave_no_payment_without_its_invoice(world: World) -> None:
    """The invoices are only asked for when the page of payments is applied."""
    pay_untold(world, 2)
    for number in range(2, 2 + MANY):
        form = world.form(reader(number), interval=Interval.once)
        world.pay(world.open_session(form), reader(number))
    world.stripe.advance(seconds=60)
    world.v1.products.create({"name": "Makes an event, by which Stripe's present is known"})

    outcome = compare(world)

    assert outcome.all_equal
    assert len([row for row in world.rows(Payment) if row.stripe_invoice_id]) == 2
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_second_sweep_finds_nothing_and_costs_lists_alone(world: World) -> None:
    world.give(ADA)
    compare(world)
    before = len(world.stripe.requests())

    outcome = compare(world)

    assert outcome.differed == {}
    paths = [request["path"] for request in world.stripe.requests()[before:]]
    assert set(paths) == {*LISTS, COUNT}
    assert len(paths) == MOST_LISTS + 1


@pytest.mark.parametrize("count", [2, MANY])
def test_forty_five_silent_days_are_made_up_for_by_one_sweep(world: World, count: int) -> None:
    pay_untold(world, count)
    compare(world)
    forget_the_events(world)
    ended, *_ = world.stripe.objects("subscription")
    world.v1.subscriptions.cancel(ended["id"])

    outcome = compare(world, full=False)

    assert outcome.all_equal
    assert len(world.rows(Payment)) == len(world.stripe.objects("payment_intent")) == 2 * count
    assert len(world.rows(Entry)) == 2 * count
    (row,) = world.rows(Subscription, Subscription.status == SubscriptionStatus.canceled)
    assert row.stripe_subscription_id == ended["id"]
    assert compare(world).differed == {}


def test_a_change_that_stripe_never_reported_is_found_and_said(world: World) -> None:
    world.give(ADA)
    world.stripe.faults("lose_event", route="customer.subscription.*", count=5)
    world.v1.subscriptions.cancel(world.subscription_id())
    world.stripe.clear_faults()

    outcome = compare(world)

    assert outcome.differed == {("subscription", DriftKind.differs): 1}
    assert world.one(Subscription).status is SubscriptionStatus.canceled
    assert world.one(Drift).object_id == world.subscription_id()
    assert compare(world).differed == {}


def test_old_things_found_by_a_sweep_are_mailed_to_nobody(world: World) -> None:
    pay_untold(world, MANY)
    forget_the_events(world)
    world.pay(world.open_session(world.form(ADA)), ADA)

    compare(world)

    assert world.one(QueuedMail).kind is MailKind.receipt


def lose_every_event(world: World) -> None:
    world.stripe.faults("lose_event", route="*", count=1000)


def test_a_deleted_customer_is_found_though_no_list_names_it(world: World) -> None:
    world.give(ADA)
    world.give(BEN)
    lose_every_event(world)
    gone = world.rows(Customer)[0].stripe_customer_id
    world.v1.customers.delete(gone)

    outcome = compare(world)

    assert outcome.differed == {
        ("customer", DriftKind.gone): 1,
        ("subscription", DriftKind.differs): 1,
    }
    assert world.one(Customer, Customer.deleted_at.is_not(None)).stripe_customer_id == gone
    assert compare(world).differed == {}


def test_a_missed_refund_dispute_and_payout_are_found_and_booked(world: World) -> None:
    world.give(ADA, interval=Interval.once)
    world.give(BEN, interval=Interval.once)
    world.give(reader(1), Money(9_000, "eur"), Interval.once)
    lose_every_event(world)
    refunded, disputed, _ = world.rows(Payment)
    world.v1.refunds.create({"payment_intent": refunded.stripe_payment_intent_id})
    world.stripe.door("disputes", {"charge": disputed.stripe_charge_id, "reason": "fraudulent"})
    world.stripe.settings(payout_schedule="daily")
    world.stripe.advance(seconds=9 * 86_400)

    outcome = compare(world)

    assert outcome.all_equal, outcome
    assert outcome.differed[("refund", DriftKind.missing)] == 1
    assert outcome.differed[("dispute", DriftKind.missing)] == 1
    assert ("payout", DriftKind.missing) in outcome.differed
    entries = {entry.stripe_balance_transaction_id for entry in world.rows(Entry)}
    assert entries == {one["id"] for one in world.stripe.objects("balance_transaction")}
    assert compare(world).differed == {}


def test_a_transaction_that_no_object_brings_is_booked_by_the_sweep(world: World) -> None:
    world.give(ADA)
    with transaction(world.parts.sessions) as session:
        for table in ("ledger_postings", "ledger_entries"):
            refuse = f"{table}_refuse_delete"
            sqlite = session.get_bind().dialect.name == "sqlite"
            session.execute(
                sa.text(f"DROP TRIGGER {refuse}" if sqlite else f"ALTER TABLE {table} DISABLE TRIGGER USER")
            )
            session.execute(sa.text(f"DELETE FROM {table}"))

    outcome = compare(world)

    assert outcome.all_equal
    assert outcome.differed == {("balance_transaction", DriftKind.unposted): 1}
    assert len(world.rows(Entry)) == 1


def test_books_that_do_not_agree_with_the_balance_are_said_to_the_cent(world: World) -> None:
    world.give(ADA)
    world.stripe.settings(payout_schedule="daily")
    with transaction(world.parts.sessions) as session:
        forged = world.one(Entry)
        row = {"id": new_id(), "stripe_balance_transaction_id": "txn_forged", "kind": EntryKind.adjustment}
        copied = ("occurred_at", "booked_on", "currency", "given_minor", "given_currency", "created_at")
        session.execute(sa.insert(Entry).values({**row, **{name: getattr(forged, name) for name in copied}}))
        line = {"entry_id": row["id"], "currency": "eur", "amount_minor": 1}
        session.execute(
            sa.insert(Posting).values(
                [
                    {**line, "position": 1, "account": Account.stripe_balance, "direction": Direction.debit},
                    {**line, "position": 2, "account": Account.adjustments, "direction": Direction.credit},
                ]
            )
        )

    outcome = compare(world)

    assert not outcome.all_equal
    assert [balance.difference_minor for balance in outcome.balances] == [1]


def test_what_a_dead_process_holds_is_waited_for_and_mended(world: World) -> None:
    """The lease outlives its worker by longer than the rounds for what merely fails."""
    world.give(ADA, interval=Interval.once)
    (payment,) = world.rows(Payment)
    died_at = utc_now() - timedelta(seconds=LEASE_SECONDS - 18)
    wanted = (ObjectType.payment_intent, payment.stripe_payment_intent_id)
    with transaction(world.parts.sessions) as session:
        want(session, wanted, now=died_at)
        assert leases.take_one(session, wanted, now=died_at)

    assert compare(world).all_equal


def test_after_the_vaults_keys_were_rotated_nothing_is_said_to_differ(
    world: World, settings: Settings
) -> None:
    world.give(ADA)
    compare(world)
    keys = ["test-vault-key-of-tomorrow-0123456789", *settings.vault_key]
    rotated = Settings.model_validate(settings.model_dump() | {"vault_key": keys})
    parts = join_parts(rotated)

    assert list(reseal_people(parts)) == [1]
    outcome = reconcile(parts, full=True, since_days=30, say=lambda _line: None)

    assert outcome.differed == {}
    assert outcome.all_equal
    parts.sessions.kw["bind"].dispose()


def test_on_a_quiet_account_what_is_old_by_the_calendar_is_mailed_to_nobody(world: World) -> None:
    world.set_clock((utc_now() - timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%S"))
    pay_untold(world, 1)

    compare(world)

    assert len(world.rows(Receipt)) == 1
    assert world.rows(QueuedMail) == []


def test_a_command_begins_anew_beside_a_sweep_that_a_worker_has_half_done(world: World) -> None:
    """What the worker read on its first pages may have changed since, and a person means the present."""
    world.give(ADA)
    half_done = sweep.begin(world.parts, SweepKind.full)
    while half_done.position.step < HALF_WAY:
        half_done = sweep.go_on(world.parts, half_done)
    world.stripe.faults("lose_event", route="*", count=99)
    world.v1.subscriptions.cancel(world.subscription_id())

    assert compare(world).all_equal

    assert world.one(Subscription).status is SubscriptionStatus.canceled
    while not sweep.is_over(half_done):
        half_done = sweep.go_on(world.parts, half_done)


def test_a_command_goes_on_with_what_a_command_began(world: World) -> None:
    world.give(ADA)
    broken_off = begin_by_command(world.parts, SweepKind.full, None)
    sweep.go_on(world.parts, broken_off)

    compare(world)

    assert [row.id for row in world.rows(Sweep)] == [broken_off.sweep_id]
