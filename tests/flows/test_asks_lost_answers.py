"""Stripe did it and its answer was lost: whatever was asked is done once, even after the key was pruned."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app.asks.models import Ask, AskKind
from app.billing.models import Invoice, Payment, Subscription
from app.billing.statuses import InvoiceStatus, SubscriptionStatus
from app.flows.asking.ask import AskOutcome
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import DAY_AND_A_BIT, ask, at_stripe, charged, finish, place, stripes_day
from tests.support.cast import ADA
from tests.support.compare import differences
from tests.support.simulator import Json
from tests.support.world import World

TROUBLES = {
    "lost": ["fail_before", "429", "409", "lost_answer", "lost_answer", "reset"],
    "spoiled": ["429", "fail_after", "fail_before", "fail_after"],
}
"""What befalls the calls of an ask, one after the other: at first nothing is done, then it is and we do not
hear of it, or hear that it went wrong and are told so again."""
FIVE, TEN = Money(500, "eur"), Money(1000, "eur")
SUBSCRIPTION = "/v1/subscriptions/*"


@dataclass(frozen=True)
class Case:
    """What is asked, by which request, and by which events Stripe tells that it was done."""

    kind: AskKind
    told_by: str
    changes: str
    method: str = "POST"
    route: str = SUBSCRIPTION
    fields: dict[str, Any] = field(default_factory=dict)
    before: Callable[[World, str], object] | None = None


def plan_end(world: World, subscription_id: str) -> None:
    ask(world, AskKind.cancel_later, subscription_id)


def pause_first(world: World, subscription_id: str) -> None:
    ask(world, AskKind.pause, subscription_id, resumes_at=stripes_day(world, 60))


UPDATED = "customer.subscription.updated"
CASES = [
    Case(AskKind.cancel, "customer.subscription.deleted", "", method="DELETE"),
    Case(AskKind.cancel_later, UPDATED, "cancel_at"),
    Case(AskKind.take_back, UPDATED, "cancel_at", before=plan_end),
    Case(AskKind.change_amount, UPDATED, "items", fields={"amount": FIVE, "interval": Interval.month}),
    Case(AskKind.change_amount, UPDATED, "trial_end", fields={"amount": FIVE, "interval": Interval.year}),
    Case(AskKind.pause, UPDATED, "pause_collection", fields={"resumes_at": 60}),
    Case(AskKind.resume, UPDATED, "pause_collection", before=pause_first),
]


def named(case: Case) -> str:
    return f"{case.kind}-{case.changes}"


every_case = pytest.mark.parametrize("case", CASES, ids=named)
every_trouble = pytest.mark.parametrize("trouble", TROUBLES)


def order(world: World, trouble: str, method: str, route: str) -> None:
    """Order the trouble for all calls of a route."""
    world.stripe.faults("script", method=method, route=route, script=TROUBLES[trouble])


def keep_asking(world: World, days: float) -> None:
    """Let the worker meet all of the trouble, with as many days of Stripe's clock before its last looks."""
    finish(world, hours=(0.1, 0.2, 0.3))
    world.advance(days=days)
    finish(world)


def prepare(world: World, case: Case) -> tuple[str, dict[str, Any]]:
    """Let Ada give; returns her subscription, and the fields of the ask by Stripe's clock."""
    world.give(ADA, TEN)
    subscription_id = world.subscription_id()
    if case.before:
        case.before(world, subscription_id)
    fields = dict(case.fields)
    if "resumes_at" in fields:
        fields["resumes_at"] = stripes_day(world, fields["resumes_at"])
    return subscription_id, fields


def told(world: World, case: Case) -> int:
    """Count the events that tell of the change."""
    events: list[Json] = world.get(f"/v1/events?limit=100&type={case.told_by}")["data"]
    return sum(case.changes in (one["data"].get("previous_attributes") or {"": None}) for one in events)


@every_case
@every_trouble
@pytest.mark.parametrize("days", [0, DAY_AND_A_BIT], ids=["kept", "pruned"])
def test_a_change_whose_answer_was_lost_is_made_once(
    world: World, case: Case, trouble: str, days: float
) -> None:
    subscription_id, fields = prepare(world, case)
    before = told(world, case)
    order(world, trouble, case.method, case.route)

    asked = ask(world, case.kind, subscription_id, **fields)
    assert asked.outcome is AskOutcome.waiting
    keep_asking(world, days)

    assert all(one.done_at for one in world.rows(Ask))
    assert told(world, case) == before + 1
    assert differences(world.parts.sessions, world.stripe) == []


@every_case
def test_a_second_request_refused_because_the_first_was_done_is_no_refusal(world: World, case: Case) -> None:
    subscription_id, fields = prepare(world, case)
    before = told(world, case)
    world.stripe.faults("lost_answer", method=case.method, route=case.route)

    asked = ask(world, case.kind, subscription_id, **fields)

    assert asked.outcome is AskOutcome.done
    assert told(world, case) == before + 1


def test_a_key_that_stripe_knows_for_another_request_is_left_for_the_next(world: World) -> None:
    """Its answer is the same for a day: as when what a request is made from changed between two tries."""
    world.give(ADA, TEN)
    intent_id = world.one(Payment).stripe_payment_intent_id
    row = place(world, AskKind.refund, intent_id, amount=FIVE)
    world.v1.refunds.create(
        {"payment_intent": intent_id, "amount": 100}, {"idempotency_key": f"ask-{row.id}-1"}
    )

    finish(world)

    assert world.one(Ask).attempt == 2
    assert [one["amount"] for one in world.stripe.objects("refund")] == [100, 500]


def test_a_pause_that_was_moved_at_stripe_meanwhile_is_left_so(world: World) -> None:
    support = pause_without_an_answer(world)
    moved = int(stripes_day(world, 90).timestamp())
    world.v1.subscriptions.update(support, {"pause_collection": {"behavior": "void", "resumes_at": moved}})

    finish(world)

    assert world.one(Ask).done_at
    assert at_stripe(world, support)["pause_collection"]["resumes_at"] == moved


def test_a_pause_that_was_ended_at_stripe_meanwhile_leaves_the_renewal_after_it(world: World) -> None:
    support = pause_without_an_answer(world)
    world.v1.subscriptions.update(support, {"pause_collection": ""})
    world.change_card(support, "tok_chargeCustomerFail")
    world.advance(days=31)

    finish(world)

    assert world.one(Ask).done_at
    assert world.one(Invoice, Invoice.billing_reason == "subscription_cycle").status is InvoiceStatus.open


def pause_without_an_answer(world: World) -> str:
    """Let Ada give and pause, and lose what Stripe answers; returns her subscription."""
    world.give(ADA, TEN)
    support = world.subscription_id()
    world.stripe.faults("lost_answer", method="POST", route=SUBSCRIPTION, count=2)
    asked = ask(world, AskKind.pause, support, resumes_at=stripes_day(world, 60))
    assert asked.outcome is AskOutcome.waiting
    world.advance(days=DAY_AND_A_BIT)
    return support


@pytest.mark.parametrize("case", CASES[1:], ids=named)
def test_what_was_done_and_undone_at_stripe_meanwhile_is_not_done_again(world: World, case: Case) -> None:
    """Somebody at Stripe has changed it back before we learned that our ask was carried out."""
    subscription_id, fields = prepare(world, case)
    shown = at_stripe(world, subscription_id)
    world.stripe.faults("lost_answer", method=case.method, route=case.route, count=2)
    asked = ask(world, case.kind, subscription_id, **fields)
    assert asked.outcome is AskOutcome.waiting
    world.advance(days=DAY_AND_A_BIT)
    undo(world, shown)

    finish(world)

    assert all(one.done_at for one in world.rows(Ask))
    now = at_stripe(world, subscription_id)
    assert [now[name] for name in ("cancel_at", "pause_collection")] == [
        shown[name] for name in ("cancel_at", "pause_collection")
    ]
    assert world.one(Subscription).amount_minor == 1000


def undo(world: World, shown: Json) -> None:
    """Change a subscription back, and some of its metadata with it, as a person would."""
    pause: Any = shown["pause_collection"] or ""
    world.v1.subscriptions.update(
        shown["id"],
        {"cancel_at": shown["cancel_at"] or "", "pause_collection": pause, "metadata": {"ask": "x"}},
    )
    if at_stripe(world, shown["id"])["items"] != shown["items"]:
        world.change_amount(shown["id"], TEN)


def overdue(world: World) -> str:
    """Let Ada's renewal fail; returns the open invoice."""
    world.give(ADA, TEN)
    world.change_card(world.subscription_id(), "tok_chargeCustomerFail")
    world.advance(days=32)
    world.settle()
    return world.one(Invoice, Invoice.status == InvoiceStatus.open).stripe_invoice_id


@every_trouble
@pytest.mark.parametrize("days", [0, DAY_AND_A_BIT], ids=["kept", "pruned"])
def test_an_invoice_paid_without_an_answer_is_paid_once(world: World, trouble: str, days: float) -> None:
    owed = overdue(world)
    world.change_card(world.subscription_id(), "tok_visa")
    order(world, trouble, "POST", "/v1/invoices/*/pay")

    ask(world, AskKind.pay_invoice, owed)
    keep_asking(world, days)

    assert world.one(Ask).done_at
    assert charged(world) == [1000, 1000]
    assert world.one(Subscription).status is SubscriptionStatus.active
    assert differences(world.parts.sessions, world.stripe) == []


@every_trouble
def test_an_open_invoice_is_lowered_once(world: World, trouble: str) -> None:
    owed = overdue(world)
    order(world, trouble, "POST", "/v1/credit_notes")

    ask(world, AskKind.change_amount, world.subscription_id(), amount=FIVE, interval=Interval.month)
    keep_asking(world, DAY_AND_A_BIT)

    assert world.one(Ask).done_at
    assert at_stripe(world, owed)["amount_remaining"] == 500


@every_trouble
@pytest.mark.parametrize("days", [0, DAY_AND_A_BIT], ids=["kept", "pruned"])
def test_a_drafted_renewal_is_lowered_once(world: World, trouble: str, days: float) -> None:
    world.give(ADA, TEN)
    ends_at = world.one(Subscription).current_period_end
    assert ends_at
    world.advance_to(ends_at + timedelta(minutes=10))
    world.settle()
    order(world, trouble, "POST", "/v1/invoiceitems")

    ask(world, AskKind.change_amount, world.subscription_id(), amount=FIVE, interval=Interval.month)
    keep_asking(world, days)
    world.advance(days=1)
    world.settle()

    assert world.one(Ask).done_at
    assert charged(world) == [1000, 500]
    lowered = [one for one in world.stripe.objects("invoiceitem") if one["amount"] < 0]
    assert [one["amount"] for one in lowered] == [-500]
    assert differences(world.parts.sessions, world.stripe) == []


@every_trouble
@pytest.mark.parametrize("kind", [AskKind.cancel_later, AskKind.pause])
def test_what_is_owed_is_voided_in_the_end(world: World, trouble: str, kind: AskKind) -> None:
    owed = overdue(world)
    order(world, trouble, "POST", "/v1/invoices/*/void")
    fields = {"resumes_at": stripes_day(world, 60)} if kind is AskKind.pause else {}

    ask(world, kind, world.subscription_id(), **fields)
    keep_asking(world, 0)

    assert world.one(Ask).done_at
    assert at_stripe(world, owed)["status"] == "void"
    assert differences(world.parts.sessions, world.stripe) == []
