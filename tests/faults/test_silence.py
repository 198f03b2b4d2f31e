"""Days without a word from Stripe: one command makes up for them, and mails nobody about old things."""

import os
import random

import pytest
from flask import Flask

from app.billing.models import Payment
from app.kernel.clock import utc_now
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from tests.faults.chaos.dashboard import Dashboard
from tests.faults.chaos.deeds import DEEDS
from tests.faults.chaos.gifts import draw_gift
from tests.support.cast import ADA, reader
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.simulator import DoorRefused
from tests.support.world import World

READERS = 12
STEP_DAYS = 3
NEWS_DAYS = 7
"""What is older than a week is no news."""
NEVER_MADE = ("invoice.*", "customer.subscription.*", "charge.*", "refund.*", "payout.*")


@pytest.fixture
def chance() -> random.Random:
    """Chance whose seed is told where the test fails; SF_CHAOS_SEED=0 throws the dice."""
    seed = int(os.environ.get("SF_CHAOS_SEED", "2026")) or random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    return random.Random(seed)


def come_in(world: World, count: int, first: int = 0) -> None:
    """Let readers pay in every way, and be told of nothing."""
    chance = random.Random(first)
    for number in range(first, first + count):
        gift, person = draw_gift(chance), reader(number, name=f"Reader {number}")
        session_id = world.open_session(world.form(person))
        fields = {"iban": gift.iban} if gift.iban else {}
        try:
            world.pay(session_id, person, card=gift.card, complete_3ds=True, **fields)
        except DoorRefused:
            continue  # declined


def pass_silently(world: World, chance: random.Random, *, days: int) -> Dashboard:
    """Let days pass in which much is done at Stripe, and nothing of it reaches us."""
    for event_type in NEVER_MADE:
        world.stripe.faults("lose_event", route=event_type, percent=30, seed=chance.randrange(10**6))
    dashboard = Dashboard(world.stripe, chance)
    for _ in range(days // STEP_DAYS):
        for customer in dashboard.look():
            if chance.random() < 0.2:
                dashboard.act(chance.choice(DEEDS), customer)
        world.stripe.advance(seconds=STEP_DAYS * 86_400)
    world.stripe.clear_faults()
    world.v1.products.create({"name": "A jar"})  # the newest event tells how far Stripe's clock has come
    return dashboard


def reconcile(app: Flask, *options: str) -> str:
    """Run the command; it must say that all is equal."""
    done = app.test_cli_runner().invoke(args=["stripe", "reconcile", *options])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("days", [3, 45])
def test_edge_28_one_command_makes_up_for_silent_days(
    app: Flask, world: World, chance: random.Random, mails: MailCatcher, days: int
) -> None:
    """Edge 28: the webhook endpoint was down for 3 days; for 45 days."""
    world.stripe.settings(payout_schedule="weekly")
    come_in(world, READERS)
    reconcile(app, "--full")
    world.send_mail()
    known, told = {mail.id for mail in world.rows(QueuedMail)}, len(mails.messages)

    come_in(world, READERS // 2, first=READERS)
    dashboard = pass_silently(world, chance, days=days)
    began = utc_now()
    reconcile(app)
    world.send_mail()

    differing = differences(world.parts.sessions, world.stripe, silent_since=began)
    assert differing == [], dict(dashboard.did)
    fresh = [mail for mail in world.rows(QueuedMail) if mail.id not in known]
    assert len(mails.messages) - told == sum(mail.sent_at is not None for mail in fresh)
    check_no_old_news(world, fresh)
    assert "0 differed" in reconcile(app, "--full")


def check_no_old_news(world: World, fresh: list[QueuedMail]) -> None:
    """No receipt is mailed for what was paid more than a week ago."""
    oldest = world.stripe.now() - NEWS_DAYS * 86_400 - 3600
    thanked = {mail.receipt_id for mail in fresh if mail.kind is MailKind.receipt}
    charges = {one["payment_intent"]: one["created"] for one in world.stripe.objects("charge")}
    for receipt in world.rows(Receipt, Receipt.id.in_(thanked)):
        (payment,) = world.rows(Payment, Payment.id == receipt.payment_id)
        assert charges[payment.stripe_payment_intent_id] >= oldest


def test_what_happened_in_the_last_days_is_still_told(app: Flask, world: World, mails: MailCatcher) -> None:
    world.stripe.advance(seconds=20 * 86_400)
    world.pay(world.open_session(world.form(ADA)), ADA)

    reconcile(app)
    world.send_mail()

    assert [mail["To"] for mail in mails.messages] == ["Ada Adler <ada@example.org>"]
