"""A year of support by Stripe's clock: periods, failures, retries, changes and ends."""

from datetime import UTC, datetime

import pytest

from app.billing.models import Customer, Invoice, Payment, Subscription
from app.billing.statuses import InvoiceStatus, PaymentStatus, SubscriptionStatus
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import FactKind, Member, MembershipFact
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from tests.support.cast import (
    ADA,
    BEN,
    DAN,
    DECLINED,
    INSUFFICIENT_FUNDS,
    SAVED_THEN_DECLINED,
    THREE_D_SECURE_ALWAYS,
    THREE_D_SECURE_ONCE,
)
from tests.support.compare import differences, stripe_balance
from tests.support.simulator import DoorRefused
from tests.support.world import World

REFUSED_CARDS = (DECLINED, INSUFFICIENT_FUNDS, SAVED_THEN_DECLINED)


def counts(world: World) -> tuple[int, int, int]:
    """Return how many entries, receipts and mails with a receipt there are."""
    thanks = world.rows(QueuedMail, QueuedMail.kind == MailKind.receipt)
    return len(world.rows(Entry)), len(world.rows(Receipt)), len(thanks)


def kinds(world: World) -> list[FactKind]:
    return [fact.kind for fact in sorted(world.rows(MembershipFact), key=lambda fact: fact.occurred_at)]


def agrees(world: World) -> bool:
    """Whether the ledger holds, by currency, what Stripe's own balance says, and all rows agree."""
    balance = world.get("/v1/balance")
    theirs: dict[str, int] = {}
    for part in balance["available"] + balance["pending"]:
        theirs[part["currency"]] = theirs.get(part["currency"], 0) + part["amount"]
    with world.parts.sessions() as session:
        ours = stripe_balance(session)
    assert ours == {currency: amount for currency, amount in theirs.items() if amount}
    assert differences(world.parts.sessions, world.stripe) == []
    return True


def test_twelve_months_from_the_last_of_january(world: World) -> None:
    world.set_clock("2027-01-31T22:59:00")
    world.give(ADA)

    world.advance_to(datetime(2028, 1, 31, 22, 59, tzinfo=UTC))
    world.advance(days=0.1)
    world.settle()

    starts = sorted(invoice.period_start for invoice in world.rows(Invoice))
    days = [(start.month, start.day) for start in starts]
    assert days == [
        (1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31), (11, 30),
        (12, 31), (1, 31),
    ]  # fmt: skip
    assert counts(world) == (13, 13, 13)
    assert kinds(world) == [FactKind.started]
    assert len(world.rows(Member)) == 1
    assert agrees(world)


def test_a_renewal_a_minute_before_midnight_is_of_that_day_in_the_newsrooms_zone(world: World) -> None:
    world.set_clock("2026-12-31T22:58:00")
    world.give(ADA, Money(2500, "eur"), Interval.once)
    world.advance(days=0.01)
    world.give(BEN, Money(2500, "eur"), Interval.once)

    first, second = sorted(world.rows(Receipt), key=lambda receipt: receipt.paid_on)

    assert (str(first.paid_on), first.number) == ("2026-12-31", "HC-2026-000001")
    assert (str(second.paid_on), second.number) == ("2027-01-01", "HC-2027-000001")


def test_a_leap_day_renews_on_the_last_of_february(world: World) -> None:
    world.set_clock("2028-02-29T12:00:00")
    world.give(ADA, Money(2400, "eur"), Interval.year)

    world.advance_to(datetime(2029, 3, 1, 12, tzinfo=UTC))
    world.settle()

    days = [
        (row.period_start.year, row.period_start.month, row.period_start.day) for row in world.rows(Invoice)
    ]
    assert sorted(days) == [(2028, 2, 29), (2029, 2, 28)]
    assert counts(world) == (2, 2, 2)
    assert agrees(world)


@pytest.mark.parametrize(
    "amount",
    [Money(2400, "eur"), Money(9000, "jpy"), Money(18000, "kwd")],
    ids=lambda amount: amount.currency,
)
def test_yearly_support_is_charged_once_a_year(world: World, amount: Money) -> None:
    world.give(ADA, amount, Interval.year)
    world.advance(days=360)
    world.settle()
    assert counts(world) == (1, 1, 1)

    world.advance(days=10)
    world.settle()

    assert counts(world) == (2, 2, 2)
    assert {(row.amount_minor, row.currency) for row in world.rows(Payment)} == {
        (amount.minor, amount.currency)
    }
    assert agrees(world)


def test_a_gift_made_once_is_never_charged_again(world: World) -> None:
    world.give(ADA, Money(2500, "gbp"), Interval.once)
    world.advance(days=400)
    world.settle()

    assert counts(world) == (1, 1, 1)
    assert world.rows(Subscription) == []
    assert world.rows(MembershipFact) == []
    assert agrees(world)


@pytest.mark.parametrize("card", REFUSED_CARDS)
@pytest.mark.parametrize("interval", [Interval.once, Interval.month])
def test_a_refused_first_payment_leaves_no_member_and_no_mail(
    world: World, interval: Interval, card: str
) -> None:
    session_id = world.open_session(world.form(DAN, Money(2500, "eur"), interval))
    with pytest.raises(DoorRefused):
        world.pay(session_id, DAN, card=card)
    world.settle()
    assert world.rows(Member) == []
    assert counts(world) == (0, 0, 0)

    world.pay(session_id, DAN)
    world.settle()

    assert len(world.rows(Member)) == 1
    assert counts(world) == (1, 1, 1)
    assert agrees(world)


def test_abandoned_authentication_ends_in_nothing_and_the_reader_can_try_again(world: World) -> None:
    form = world.form(DAN)
    session_id = world.open_session(form)
    world.pay(session_id, DAN, card=THREE_D_SECURE_ALWAYS)
    world.settle()
    assert world.one(Subscription).status is SubscriptionStatus.incomplete

    world.advance(days=1.1)
    world.settle()

    assert world.one(Subscription).status is SubscriptionStatus.incomplete_expired
    assert world.rows(Member) == []
    assert world.rows(MembershipFact) == []
    assert counts(world) == (0, 0, 0)
    again = world.open_session(form)
    assert again != session_id
    world.pay(again, DAN)
    world.settle()
    assert kinds(world) == [FactKind.started]
    assert counts(world) == (1, 1, 1)
    assert agrees(world)


@pytest.mark.parametrize("interval", [Interval.once, Interval.month])
def test_failed_authentication_can_be_passed_at_the_second_try(world: World, interval: Interval) -> None:
    session_id = world.open_session(world.form(ADA, Money(2500, "eur"), interval))
    with pytest.raises(DoorRefused):
        world.pay(session_id, ADA, card=THREE_D_SECURE_ALWAYS, complete_3ds=False)
    world.settle()
    assert counts(world) == (0, 0, 0)

    world.pay(session_id, ADA, card=THREE_D_SECURE_ALWAYS, complete_3ds=True)
    world.settle()

    assert counts(world) == (1, 1, 1)
    assert agrees(world)


def test_a_payment_with_several_charges_is_one_payment(world: World) -> None:
    session_id = world.open_session(world.form(ADA, Money(2500, "eur"), Interval.once))
    for card in (DECLINED, INSUFFICIENT_FUNDS):
        with pytest.raises(DoorRefused):
            world.pay(session_id, ADA, card=card)
        world.settle()
    assert world.one(Payment).failure_code == "card_declined"

    world.pay(session_id, ADA)
    world.settle()

    assert len(world.stripe.objects("charge")) == 3
    payment = world.one(Payment)
    assert payment.status is PaymentStatus.succeeded
    assert payment.failure_code is None
    assert counts(world) == (1, 1, 1)
    assert agrees(world)


def test_a_renewal_that_fails_and_is_retried_is_recorded_once(world: World) -> None:
    world.give(ADA)
    subscription_id = world.subscription_id()
    world.change_card(subscription_id, "tok_chargeCustomerFail")
    world.advance(days=32)
    world.settle()
    assert world.one(Subscription).status is SubscriptionStatus.past_due
    assert counts(world) == (1, 1, 1)

    world.change_card(subscription_id, "tok_visa")
    world.advance(days=6)
    world.settle()

    assert world.one(Subscription).status is SubscriptionStatus.active
    assert counts(world) == (2, 2, 2)
    assert kinds(world) == [FactKind.started, FactKind.past_due, FactKind.recovered]
    assert [payment.failure_code for payment in world.rows(Payment)] == [None, None]
    assert agrees(world)


def test_a_renewal_that_keeps_failing_ends_the_membership(world: World) -> None:
    world.give(BEN)
    world.change_card(world.subscription_id(), "tok_chargeCustomerFail")

    world.advance(days=60)
    world.settle()

    assert world.one(Subscription).status is SubscriptionStatus.canceled
    assert kinds(world) == [FactKind.started, FactKind.ended]
    assert counts(world) == (1, 1, 1)
    assert agrees(world)


def test_a_renewal_that_wants_authentication_waits_and_is_not_thanked(world: World) -> None:
    world.give(ADA)
    world.change_card(world.subscription_id(), "tok_authenticationRequired")

    world.advance(days=32)
    world.settle()

    assert sorted(payment.status for payment in world.rows(Payment)) == [
        PaymentStatus.requires_action,
        PaymentStatus.succeeded,
    ]
    assert world.one(Subscription).status is SubscriptionStatus.past_due
    assert counts(world) == (1, 1, 1)
    assert agrees(world)


def test_a_card_set_up_once_renews_without_its_owner(world: World) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA, card=THREE_D_SECURE_ONCE, complete_3ds=True)
    world.advance(days=32)
    world.settle()

    assert counts(world) == (2, 2, 2)
    assert agrees(world)


def test_a_canceled_subscription_ends_the_membership_at_once(world: World) -> None:
    world.give(BEN)
    world.v1.subscriptions.cancel(world.subscription_id())
    world.settle()

    assert kinds(world) == [FactKind.started, FactKind.ended]
    assert world.rows(MembershipFact, MembershipFact.kind == FactKind.ended)[0].amount_minor == 0
    world.advance(days=40)
    world.settle()
    assert counts(world) == (1, 1, 1)
    assert agrees(world)


def test_a_subscription_canceled_at_the_periods_end_runs_to_it(world: World) -> None:
    world.give(BEN)
    world.v1.subscriptions.update(world.subscription_id(), {"cancel_at_period_end": True})
    world.settle()
    assert kinds(world) == [FactKind.started]
    assert world.one(Subscription).cancel_at == world.one(Subscription).current_period_end

    world.advance(days=32)
    world.settle()

    assert kinds(world) == [FactKind.started, FactKind.ended]
    assert counts(world) == (1, 1, 1)
    assert agrees(world)


def test_a_raised_and_a_lowered_amount_hold_on_the_very_next_charge(world: World) -> None:
    world.give(ADA)
    subscription_id = world.subscription_id()
    for days, minor in ((32, 500), (31, 300)):
        world.change_amount(subscription_id, Money(minor, "eur"))
        world.advance(days=days)
        world.settle()

    paid = sorted((row.paid_at, row.amount_minor) for row in world.rows(Payment) if row.paid_at)
    assert [minor for _, minor in paid] == [200, 500, 300]
    assert kinds(world) == [FactKind.started, FactKind.raised, FactKind.lowered]
    assert counts(world) == (3, 3, 3)
    assert agrees(world)


def test_two_changes_within_a_second_leave_the_last_one_standing(world: World) -> None:
    world.give(ADA)
    subscription_id = world.subscription_id()

    for minor in (500, 900):
        world.change_amount(subscription_id, Money(minor, "eur"))
        world.settle()

    last = max(world.rows(MembershipFact), key=lambda fact: (fact.occurred_at, fact.id))
    assert last.amount_minor == 900
    assert agrees(world)


def test_a_fact_is_dated_by_stripes_word_and_not_by_when_we_heard_of_it(world: World) -> None:
    world.give(ADA)
    world.change_amount(world.subscription_id(), Money(500, "eur"))
    (told,) = [one for one in world.collect() if one["type"] == "customer.subscription.updated"]
    world.stripe.advance(seconds=86_400)

    world.settle()

    raised = world.rows(MembershipFact, MembershipFact.kind == FactKind.raised)
    assert [int(fact.occurred_at.timestamp()) for fact in raised] == [told["created"]]


def test_a_balance_transaction_that_comes_later_is_booked_when_it_comes(world: World) -> None:
    world.stripe.settings(balance_delay_seconds=3600)
    world.give(ADA, Money(2500, "eur"), Interval.once)
    assert counts(world) == (0, 1, 1)
    assert world.one(Payment).settled_gross_minor is None

    world.advance(days=0.1)
    world.settle()

    assert counts(world) == (1, 1, 1)
    assert world.one(Payment).settled_gross_minor == 2500
    assert agrees(world)


def test_each_currency_is_booked_in_what_stripe_settles(world: World) -> None:
    world.stripe.settings(settlement_currency="eur")
    for reader, amount in ((ADA, Money(2000, "usd")), (BEN, Money(3000, "jpy")), (DAN, Money(3000, "kwd"))):
        world.give(reader, amount, Interval.once)

    assert {entry.currency for entry in world.rows(Entry)} == {"eur"}
    assert {(entry.given_minor, entry.given_currency) for entry in world.rows(Entry)} == {
        (2000, "usd"), (3000, "jpy"), (3000, "kwd"),
    }  # fmt: skip
    assert {(row.amount_minor, row.currency) for row in world.rows(Receipt)} == {
        (2000, "usd"), (3000, "jpy"), (3000, "kwd"),
    }  # fmt: skip
    assert agrees(world)


def test_a_year_of_the_whole_cast_agrees_with_stripes_balance(world: World) -> None:
    world.give(ADA, Money(500, "eur"))
    world.give(BEN, Money(2000, "usd"), Interval.once)
    world.give(BEN, Money(300, "jpy"))
    world.open_session(world.form(DAN, Money(1500, "kwd")))
    ben = world.rows(Subscription, Subscription.currency == "jpy")[0].stripe_subscription_id
    world.advance(days=100)
    world.settle()
    world.v1.subscriptions.cancel(ben)
    world.advance(days=270)
    world.settle()

    assert len(world.rows(Member)) == 2
    assert len(world.rows(Customer, Customer.member_id.is_not(None))) == 3
    assert world.rows(Invoice, Invoice.status == InvoiceStatus.open) == []
    assert agrees(world)
