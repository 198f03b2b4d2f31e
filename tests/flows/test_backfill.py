"""An account that was there before us is taken in whole, silently, and can be gone on with."""

import pytest
import sqlalchemy as sa
import stripe as stripe_client

from app.billing.models import Invoice, Payment, Refund, Subscription
from app.db import transaction
from app.flows.reconcile import sweep
from app.flows.reconcile.backfill import backfill
from app.flows.reconcile.command import Outcome
from app.inbox.models import WantedObject
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import FactKind, Member, MembershipFact
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from app.reconciliation.models import Drift, Sweep, SweepKind
from app.stripe_gateway.pacing import Pacer
from tests.support.world import World

MANY = 8


def take_in(world: World) -> Outcome:
    return backfill(world.parts, say=lambda _line: None)


def make_account(world: World, members: int = MANY, *, months: int = 3, interval: str = "month") -> list[str]:
    """Let people support a newsroom at Stripe for some months, without us; returns the subscriptions."""
    product = world.v1.products.create({"name": "Support"})
    made = []
    for number in range(members):
        customer = world.v1.customers.create({"email": f"old{number}@example.org"})
        method = world.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        price: stripe_client.params.SubscriptionCreateParamsItem = {
            "price_data": {
                "currency": "eur",
                "product": product.id,
                "unit_amount": 500,
                "recurring": {"interval": interval},
            }
        }
        subscription = world.v1.subscriptions.create(
            {"customer": customer.id, "items": [price], "default_payment_method": method.id}
        )
        made.append(subscription.id)
    for _ in range(months):
        world.stripe.advance(seconds=31 * 86_400)
    return made


@pytest.mark.parametrize("members", [2, MANY])
def test_an_account_with_a_past_is_taken_in_whole_and_mails_nobody(world: World, members: int) -> None:
    make_account(world, members)
    refunded = world.stripe.objects("payment_intent")[0]["id"]
    world.v1.refunds.create({"payment_intent": refunded})

    outcome = take_in(world)

    assert outcome.all_equal, outcome
    paid = len(world.stripe.objects("payment_intent"))
    assert len(world.rows(Member)) == len(world.rows(Subscription)) == members
    assert len(world.rows(Payment)) == len(world.rows(Receipt)) == len(world.rows(Invoice)) == paid
    assert len(world.rows(Entry)) == len(world.stripe.objects("balance_transaction"))
    assert len(world.rows(Refund)) == 1
    assert [fact.kind for fact in world.rows(MembershipFact)] == [FactKind.started] * members
    assert world.rows(QueuedMail) == []


def test_what_is_taken_in_differs_in_nothing_afterwards(world: World) -> None:
    make_account(world)
    take_in(world)
    before = len(world.stripe.requests())

    again = take_in(world)

    assert again.differed == {}
    paths = {request["path"] for request in world.stripe.requests()[before:]}
    assert not [path for path in paths if path.startswith(("/v1/payment_intents/", "/v1/subscriptions/"))]


def test_a_past_in_which_the_amount_changed_is_told_from_the_paid_invoices(world: World) -> None:
    (subscription_id,) = make_account(world, 1)
    world.change_amount(subscription_id, Money(900, "eur"))
    world.stripe.advance(seconds=31 * 86_400)
    world.change_amount(subscription_id, Money(300, "eur"))
    world.stripe.advance(seconds=31 * 86_400)

    take_in(world)

    facts = world.rows(MembershipFact)
    assert [(fact.kind, fact.amount_minor) for fact in facts] == [
        (FactKind.started, 500),
        (FactKind.raised, 900),
        (FactKind.lowered, 300),
    ]
    assert facts[1].occurred_at in [invoice.period_start for invoice in world.rows(Invoice)]


def test_a_weekly_price_is_listed_in_the_end_and_stops_nothing(world: World) -> None:
    make_account(world, 1)
    (weekly,) = make_account(world, 1, months=0, interval="week")

    outcome = take_in(world)

    assert [line for line in outcome.unsupported if weekly in line]
    assert len(world.rows(Subscription)) == 1
    assert len(world.rows(Receipt)) == len(world.stripe.objects("payment_intent"))


def test_a_backfill_that_dies_goes_on_where_it_stopped(world: World) -> None:
    make_account(world)
    run = sweep.begin(world.parts, SweepKind.backfill)
    for _ in range(4):
        run = sweep.go_on(world.parts, run)
    before = len(world.stripe.requests())

    outcome = take_in(world)

    assert outcome.all_equal
    assert len(world.rows(Sweep)) == 1
    paths = [request["path"] for request in world.stripe.requests()[before:]]
    assert "/v1/customers" not in paths
    assert len(world.rows(Receipt)) == len(world.stripe.objects("payment_intent"))
    assert world.rows(Drift) == []


def test_one_object_that_cannot_be_applied_does_not_stop_its_page(world: World) -> None:
    make_account(world, months=0)
    poison = world.stripe.objects("payment_intent")[3]["id"]
    refuse_rows_of(world, poison)

    run = sweep.begin(world.parts, SweepKind.backfill)
    while not sweep.is_over(run):
        run = sweep.go_on(world.parts, run)

    assert len(world.rows(Receipt)) == MANY - 1
    (waiting,) = world.rows(WantedObject, WantedObject.object_id == poison)
    assert (waiting.wanted - waiting.done, waiting.attempts, waiting.digest) == (1, 1, None)


def refuse_rows_of(world: World, intent_id: str) -> None:
    """Let the database refuse one payment, as a fault of ours would."""
    event = "BEFORE INSERT ON billing_payments"
    refused = f"NEW.stripe_payment_intent_id = '{intent_id}'"
    with transaction(world.parts.sessions) as session:
        if session.get_bind().dialect.name == "sqlite":
            raised = "BEGIN SELECT RAISE(ABORT, 'poison'); END"
            session.execute(sa.text(f"CREATE TRIGGER poison {event} WHEN {refused} {raised}"))
        else:
            run = "FOR EACH ROW WHEN ({}) EXECUTE FUNCTION refuse_change()"
            session.execute(sa.text(f"CREATE TRIGGER poison {event} {run.format(refused)}"))


def test_long_work_asks_no_more_often_than_it_is_told_to() -> None:
    waited: list[float] = []
    pacer = Pacer(50, monotonic=lambda: sum(waited), sleep=waited.append)

    for _ in range(150):
        pacer("get")

    assert sum(waited) == pytest.approx(2)
    assert max(waited) == pytest.approx(1 / 50)
