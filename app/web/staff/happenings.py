"""Stripe's events in the desk's words: what a person would say happened, and the events it is told by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.inbox.models import InboxEvent

TELLING = {
    "checkout.session.async_payment_failed": "Bank debit failed",
    "checkout.session.async_payment_succeeded": "Bank debit succeeded",
    "checkout.session.completed": "Stripe’s payment page finished",
    "checkout.session.expired": "Stripe’s payment page closed unpaid",
    "customer.deleted": "Customer deleted at Stripe",
    "customer.subscription.created": "Subscription begun",
    "customer.subscription.deleted": "Subscription ended",
    "customer.subscription.paused": "Subscription paused",
    "customer.subscription.resumed": "Subscription resumed",
    "invoice.marked_uncollectible": "Invoice given up",
    "invoice.payment_action_required": "Bank asks the supporter to confirm",
    "invoice.voided": "Invoice canceled",
    "charge.dispute.closed": "Dispute closed",
    "charge.dispute.created": "Bank disputes a payment, or asks about it",
    "charge.dispute.funds_reinstated": "Bank returned disputed money",
    "charge.dispute.funds_withdrawn": "Bank took disputed money",
    "charge.refunded": "Money given back",
    "payment_intent.canceled": "Payment canceled",
    "payment_intent.payment_failed": "Payment failed",
    "payment_intent.processing": "Payment on its way",
    "payment_intent.requires_action": "Bank asks the supporter to confirm",
    "payment_intent.succeeded": "Payment succeeded",
    "invoice.payment_failed": "Payment failed",
    "payout.canceled": "Payout canceled",
    "payout.created": "Payout begun",
    "payout.failed": "Payout failed",
    "payout.paid": "Payout arrived",
    "refund.created": "Refund begun",
    "refund.failed": "Refund failed",
}
"""What is worth a line of its own."""
BOOKKEEPING = {
    "charge.dispute.updated": "Dispute changed",
    "charge.updated": "Payment’s details changed",
    "customer.created": "Customer made at Stripe",
    "customer.updated": "Customer’s details changed",
    "customer.subscription.updated": "Subscription changed",
    "invoice.created": "Invoice made",
    "invoice.finalized": "Invoice completed",
    "invoice.paid": "Invoice paid",
    "invoice.updated": "Invoice changed",
    "payout.reconciliation_completed": "Payout can be matched",
    "payout.updated": "Payout changed",
    "refund.updated": "Refund changed",
}
"""What Stripe reports besides; told where nothing else happened."""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What happened within one minute."""

    at: datetime
    """Of the newest of its events."""
    words: list[str]
    """In the order it happened."""
    events: list[InboxEvent]
    """Newest first."""


def happenings(events: Iterable[InboxEvent]) -> list[Happening]:
    """Return events, given newest first, as what happened minute by minute."""
    by_minute = groupby(events, key=lambda event: event.occurred_at.replace(second=0, microsecond=0))
    return [_happening(list(within)) for _, within in by_minute]


def in_words(event_type: str) -> str:
    """Return what an event of this type tells; for one we do not follow, its name made readable."""
    known = TELLING.get(event_type) or BOOKKEEPING.get(event_type)
    return known or event_type.replace(".", " ").replace("_", " ").capitalize()


def _happening(events: list[InboxEvent]) -> Happening:
    types = [event.type for event in reversed(events)]
    telling = [name for name in types if name not in BOOKKEEPING] or types
    words = list(dict.fromkeys(map(in_words, telling)))
    return Happening(at=events[0].occurred_at, words=words, events=events)
