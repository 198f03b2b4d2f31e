"""A product that is new beside an account that is not: what happened before it is no news of ours."""

from datetime import timedelta
from typing import Any

import pytest

from app.db import reading
from app.flows.first_start import remember_first_start
from app.flows.reconcile import sweep
from app.flows.reconcile.draining import drain
from app.flows.reconcile.events import follow_events
from app.kernel.clock import from_timestamp
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.reconciliation.deployment import find_news_since
from app.reconciliation.models import SweepKind
from app.stripe_gateway.errors import StripeUnavailable
from tests.support.cast import ADA, BEN
from tests.support.world import World


def subscribe_elsewhere(world: World, card: str = "pm_card_visa") -> str:
    """Let a reader pay through the former system; returns the subscription."""
    customer = world.v1.customers.create({"email": BEN.address})
    method = world.v1.payment_methods.attach(card, {"customer": customer.id})
    price: Any = {
        "currency": "eur",
        "unit_amount": 500,
        "recurring": {"interval": "month"},
        "product_data": {"name": "The former system"},
    }
    items: Any = [{"price": world.v1.prices.create(price).id}]
    given: Any = {"customer": customer.id, "items": items, "default_payment_method": method.id}
    return world.v1.subscriptions.create(given).id


def work_as_a_new_worker_does(world: World) -> None:
    """Start, read all events Stripe lists, compare what is recent, and sync what both ask for."""
    remember_first_start(world.parts)
    follow_events(world.parts)
    run = sweep.begin(world.parts, SweepKind.recent, since_days=30)
    while not sweep.is_over(run):
        run = sweep.go_on(world.parts, run)
    drain(world.parts)
    world.come_through()


def test_a_worker_before_the_backfill_mails_nobody_about_what_happened_before(world: World) -> None:
    subscribe_elsewhere(world)

    work_as_a_new_worker_does(world)
    world.settle()

    assert len(world.rows(Member)) == 1
    assert world.rows(QueuedMail) == []


def test_what_happens_after_the_first_start_is_mailed_about_to_the_same_people(world: World) -> None:
    subscribe_elsewhere(world)
    work_as_a_new_worker_does(world)

    world.advance(days=32)
    world.settle()

    assert MailKind.receipt in {mail.kind for mail in world.rows(QueuedMail)}


def test_a_webhook_of_before_that_comes_late_is_no_news_either(world: World) -> None:
    subscribe_elsewhere(world)
    remember_first_start(world.parts)

    world.settle()

    assert len(world.rows(Member)) == 1
    assert world.rows(QueuedMail) == []


def test_what_the_pages_took_in_before_the_first_worker_is_news(world: World) -> None:
    subscribe_elsewhere(world)
    world.stripe.advance(seconds=3600)
    world.pay(world.open_session(world.form(ADA)), ADA)

    work_as_a_new_worker_does(world)

    (mail,) = world.rows(QueuedMail)
    assert mail.kind is MailKind.receipt


def test_the_first_start_is_remembered_once(world: World) -> None:
    remember_first_start(world.parts)
    with reading(world.parts.sessions) as session:
        first = find_news_since(session)
    world.stripe.advance(seconds=86_400)
    subscribe_elsewhere(world)

    remember_first_start(world.parts)

    with reading(world.parts.sessions) as session:
        assert find_news_since(session) == first
    assert first
    assert abs(first - from_timestamp(world.stripe.now()) + timedelta(days=1)) < timedelta(minutes=1)


def test_nothing_is_remembered_while_stripe_is_away(world: World) -> None:
    world.stripe.faults("fail_before", route="*", count=20)

    with pytest.raises(StripeUnavailable):
        remember_first_start(world.parts)

    with reading(world.parts.sessions) as session:
        assert find_news_since(session) is None
