"""Pictures of Stripe's objects, made by hand: of a monthly support of 5 euros, in its first month."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.money_snapshots import DisputeSnapshot, PayoutSnapshot
from app.stripe_gateway.snapshots import (
    BalanceSnapshot,
    InvoiceSnapshot,
    MethodSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
)

NOW = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
BEGUN = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
MONTH_ON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
FIVE = Money(500, "eur")
NOTHING = Money(0, "eur")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def balance(**changed: Any) -> BalanceSnapshot:
    """Return the balance transaction of the charge: 5.00 less a fee of 0.33."""
    made = BalanceSnapshot(
        id="txn_charge",
        category="charge",
        source_id="ch_1",
        gross=FIVE,
        fee=Money(33, "eur"),
        exchange_rate=None,
        created_at=BEGUN,
    )
    return replace(made, **changed)


def invoice(**changed: Any) -> InvoiceSnapshot:
    """Return the first invoice, paid."""
    made = InvoiceSnapshot(
        id="in_1",
        status="paid",
        customer_id="cus_1",
        subscription_id="sub_1",
        pledge_id=None,
        billing_reason="subscription_create",
        amount_due=FIVE,
        amount_paid=FIVE,
        period_start=BEGUN,
        period_end=MONTH_ON,
        attempt_count=1,
        next_attempt_at=None,
        finalized_at=BEGUN,
        payment_intent_ids=("pi_1",),
    )
    return replace(made, **changed)


def payment(**changed: Any) -> PaymentSnapshot:
    """Return the first payment, made by card and settled."""
    made = PaymentSnapshot(
        id="pi_1",
        status="succeeded",
        amount=FIVE,
        created_at=BEGUN,
        customer_id="cus_1",
        customer_address="ada@example.org",
        pledge_id=None,
        charge_id="ch_1",
        paid_at=BEGUN,
        method="visa",
        last4="4242",
        failure_code=None,
        decline_code=None,
        receipt_number=None,
        amount_refunded=NOTHING,
        balance=balance(),
        invoice=invoice(),
        tried_at=BEGUN,
    )
    return replace(made, **changed)


def subscription(**changed: Any) -> SubscriptionSnapshot:
    """Return the subscription, active."""
    made = SubscriptionSnapshot(
        id="sub_1",
        status="active",
        customer_id="cus_1",
        pledge_id=None,
        amount=FIVE,
        interval=Interval.month,
        started_at=BEGUN,
        current_period_start=BEGUN,
        current_period_end=MONTH_ON,
        anchor_at=MONTH_ON,
        cancel_at=None,
        canceled_at=None,
        ended_at=None,
        cancellation_reason=None,
        cancellation_feedback=None,
        trial_end=None,
        pause_behavior=None,
        paused_until=None,
        method=MethodSnapshot(kind="visa", last4="4242", expires_on=None),
        ask_id=None,
    )
    return replace(made, **changed)


def refund(**changed: Any) -> RefundSnapshot:
    """Return a full refund of the first payment, an hour after it."""
    made = RefundSnapshot(
        id="re_1",
        status="succeeded",
        reason="requested_by_customer",
        note_number=None,
        amount=FIVE,
        payment_intent_id="pi_1",
        created_at=BEGUN + HOUR,
        balance=balance(
            id="txn_refund",
            category="refund",
            source_id="re_1",
            gross=-FIVE,
            fee=NOTHING,
            created_at=BEGUN + HOUR,
        ),
        failure_balance=None,
    )
    return replace(made, **changed)


def dispute(**changed: Any) -> DisputeSnapshot:
    """Return a dispute of the first payment, opened a day after it; its money is withdrawn."""
    made = DisputeSnapshot(
        id="dp_1",
        status="needs_response",
        reason="fraudulent",
        amount=FIVE,
        charge_id="ch_1",
        payment_intent_id="pi_1",
        evidence_due_at=BEGUN + 8 * DAY,
        created_at=BEGUN + DAY,
        balances=(withdrawal(),),
    )
    return replace(made, **changed)


def withdrawal(**changed: Any) -> BalanceSnapshot:
    """Return the balance transaction by which a dispute takes the money, with its fee of 20 euros."""
    taken = balance(
        id="txn_dispute",
        category="dispute",
        source_id="dp_1",
        gross=-FIVE,
        fee=Money(2000, "eur"),
        created_at=BEGUN + DAY,
    )
    return replace(taken, **changed)


def payout(**changed: Any) -> PayoutSnapshot:
    """Return a payout of the first payment, on its way to the bank."""
    made = PayoutSnapshot(
        id="po_1",
        status="in_transit",
        amount=Money(467, "eur"),
        arrival_on=(BEGUN + 2 * DAY).date(),
        automatic=True,
        failure_code=None,
        created_at=BEGUN + DAY,
        balance=balance(
            id="txn_payout",
            category="payout",
            source_id="po_1",
            gross=Money(-467, "eur"),
            fee=NOTHING,
            created_at=BEGUN + DAY,
        ),
        failure_balance=None,
        matched=True,
        lines=(balance(),),
        intent_ids={"txn_charge": "pi_1"},
    )
    return replace(made, **changed)
