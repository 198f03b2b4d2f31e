"""Our rows of Stripe's objects against the objects themselves."""

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Customer, Invoice, Payment, Refund, Subscription
from app.giving.models import Pledge
from app.vault.models import Contact
from tests.support.compare_state import Comparison, StripeState, at, unlike
from tests.support.simulator import Json


def _checkouts(session: Session, stripe: StripeState) -> Iterable[str]:
    """A pledge is completed if any session of it was, and expired if its present one is."""
    by_pledge: dict[str, set[str]] = defaultdict(set)
    for checkout in stripe.all("checkout.session").values():
        by_pledge[checkout["metadata"]["pledge"]].add(checkout["status"])
    pledges = session.scalars(sa.select(Pledge)).all()
    kept = set(session.scalars(sa.select(Contact.owner_id)))
    yield from unlike(
        "pledge completed",
        {str(pledge.id): bool(pledge.completed_at) for pledge in pledges},
        {str(pledge.id): "complete" in by_pledge[str(pledge.id)] for pledge in pledges},
    )
    for pledge in pledges:
        present = stripe.all("checkout.session").get(pledge.stripe_checkout_session_id or "")
        if present and bool(pledge.expired_at) != (present["status"] == "expired"):
            yield f"pledge {pledge.id}: expired_at {pledge.expired_at}, session {present['status']}"
    # A page completed with a bank account is not paid yet, and may never be.
    paid = set(session.scalars(sa.select(Payment.pledge_id).where(Payment.paid_at.is_not(None))))
    yield from (f"pledge {key}: paid, and the contact is still kept" for key in sorted(kept & paid, key=str))


def _customers(session: Session, stripe: StripeState) -> Iterable[str]:
    rows = {row.stripe_customer_id: row for row in session.scalars(sa.select(Customer))}
    for customer_id, row in rows.items():
        gone = customer_id not in stripe.all("customer")
        if gone != bool(row.deleted_at):
            yield f"customer {customer_id}: deleted_at {row.deleted_at}, gone at Stripe {gone}"
    for intent in stripe.succeeded():
        row_of_payer = rows.get(intent["customer"] or "")
        if row_of_payer is None or row_of_payer.member_id is None:
            yield f"customer {intent['customer']}: has paid and is no member's"


def _subscriptions(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_subscription_id: (
            row.stripe_customer_id,
            row.status.value,
            row.amount_minor,
            row.currency,
            row.interval.value,
            str(row.pledge_id),
            row.started_at,
            row.current_period_end,
            row.anchor_at,
            row.cancel_at,
            row.canceled_at,
            row.ended_at,
        )
        for row in session.scalars(sa.select(Subscription))
    }
    theirs = {key: _subscription(found) for key, found in stripe.all("subscription").items()}
    yield from unlike("subscription", ours, theirs)


def _subscription(found: Json) -> tuple[object, ...]:
    (item,) = found["items"]["data"]
    return (
        found["customer"],
        found["status"],
        item["price"]["unit_amount"] * item["quantity"],
        item["price"]["currency"],
        item["price"]["recurring"]["interval"],
        found["metadata"]["pledge"],
        at(found["start_date"]),
        at(item["current_period_end"]),
        at(found["billing_cycle_anchor"]),
        at(found["cancel_at"]),
        at(found["canceled_at"]),
        at(found["ended_at"]),
    )


def _invoices(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_invoice_id: (
            row.stripe_subscription_id,
            row.stripe_customer_id,
            str(row.pledge_id),
            row.status.value,
            row.billing_reason,
            row.amount_due,
            row.amount_paid,
            row.currency,
            row.period_start,
            row.period_end,
        )
        for row in session.scalars(sa.select(Invoice))
    }
    theirs = {key: _invoice(found) for key, found in stripe.all("invoice").items()}
    yield from unlike("invoice", ours, theirs)


def _invoice(found: Json) -> tuple[object, ...]:
    details = found["parent"]["subscription_details"]
    period = found["lines"]["data"][0]["period"]
    return (
        details["subscription"],
        found["customer"],
        details["metadata"]["pledge"],
        found["status"],
        found["billing_reason"],
        found["amount_due"],
        found["amount_paid"],
        found["currency"],
        at(period["start"]),
        at(period["end"]),
    )


def _payments(session: Session, stripe: StripeState) -> Iterable[str]:
    """A payment nobody has tried yet need not have a row; every other one is as Stripe has it."""
    ours = {
        row.stripe_payment_intent_id: (
            row.stripe_customer_id,
            row.stripe_invoice_id,
            row.status.value,
            row.amount_minor,
            row.currency,
            row.amount_refunded_minor,
            row.stripe_charge_id,
            row.stripe_balance_transaction_id,
            row.settled_gross_minor,
            row.settled_fee_minor,
            row.settled_currency,
            row.paid_at,
            row.failure_code,
        )
        for row in session.scalars(sa.select(Payment))
    }
    paid_for = {
        one["payment"]["payment_intent"]: one["invoice"] for one in stripe.all("invoice_payment").values()
    }
    theirs = {
        key: _payment(found, paid_for.get(key), stripe)
        for key, found in stripe.all("payment_intent").items()
        if key in ours or found["latest_charge"] or found["status"] == "canceled"
    }
    yield from unlike("payment", ours, theirs)


def _payment(intent: Json, invoice_id: str | None, stripe: StripeState) -> tuple[object, ...]:
    charge = stripe.charge_of(intent) or {}
    paid = charge.get("status") == "succeeded"
    balance = stripe.all("balance_transaction").get(charge.get("balance_transaction") or "", {})
    return (
        intent["customer"],
        invoice_id,
        intent["status"],
        intent["amount"],
        intent["currency"],
        charge.get("amount_refunded", 0),
        charge.get("id"),
        balance.get("id"),
        balance.get("amount"),
        balance.get("fee"),
        balance.get("currency"),
        at(charge["created"]) if paid else None,
        charge.get("failure_code"),
    )


def _refunds(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_refund_id: (
            row.stripe_payment_intent_id,
            row.status.value,
            row.reason,
            row.amount_minor,
            row.currency,
            row.stripe_balance_transaction_id,
        )
        for row in session.scalars(sa.select(Refund))
    }
    theirs = {
        key: (
            found["payment_intent"],
            found["status"],
            found["reason"],
            found["amount"],
            found["currency"],
            found["balance_transaction"],
        )
        for key, found in stripe.all("refund").items()
    }
    yield from unlike("refund", ours, theirs)


COMPARISONS: tuple[Comparison, ...] = (
    _checkouts, _customers, _subscriptions, _invoices, _payments, _refunds,
)  # fmt: skip
