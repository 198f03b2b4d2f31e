"""Which of Stripe's lists a sweep reads, in which order."""

from collections.abc import Callable
from dataclasses import dataclass

from app.inbox.models import ObjectType
from app.reconciliation.models import SweepKind
from app.stripe_gateway.lists import Page, Part, StripeLists


@dataclass(frozen=True, kw_only=True)
class Step:
    """One list: what is in it, and how a page of it is asked for."""

    object_type: ObjectType
    list: Callable[[StripeLists, Part], Page]
    status: str | None = None
    whatever_age: bool = False
    """Read whole even by a sweep of recent objects."""
    follows: bool = True
    """Whether what an object brings about is asked for; not where a later step lists it anyway."""
    counts: bool = True
    """False where the same list is read a second time."""


CHECKOUTS = Step(object_type=ObjectType.checkout_session, list=StripeLists.checkouts, follows=False)
CUSTOMERS = Step(object_type=ObjectType.customer, list=StripeLists.customers)
SUBSCRIPTIONS = Step(object_type=ObjectType.subscription, list=StripeLists.subscriptions)
INVOICES = Step(object_type=ObjectType.invoice, list=StripeLists.invoices)
PAYMENTS = Step(object_type=ObjectType.payment_intent, list=StripeLists.payments)
STARTED_BY_PAYMENTS = Step(object_type=ObjectType.subscription, list=StripeLists.subscriptions, counts=False)
"""A first payment makes the member, whose membership the subscription can only then begin."""
REFUNDS = Step(object_type=ObjectType.refund, list=StripeLists.refunds)
DISPUTES = Step(object_type=ObjectType.dispute, list=StripeLists.disputes)
PAYOUTS = Step(object_type=ObjectType.payout, list=StripeLists.payouts)

OPEN_INVOICES = Step(
    object_type=ObjectType.invoice, list=StripeLists.invoices, status="open", whatever_age=True
)
PAST_DUE = Step(
    object_type=ObjectType.subscription, list=StripeLists.subscriptions, status="past_due", whatever_age=True
)

EVERYTHING = (
    CHECKOUTS,
    CUSTOMERS,
    SUBSCRIPTIONS,
    INVOICES,
    PAYMENTS,
    STARTED_BY_PAYMENTS,
    REFUNDS,
    DISPUTES,
    PAYOUTS,
)
STEPS: dict[SweepKind, tuple[Step, ...]] = {
    SweepKind.full: EVERYTHING,
    SweepKind.backfill: EVERYTHING,
    SweepKind.recent: (
        CHECKOUTS,
        CUSTOMERS,
        SUBSCRIPTIONS,
        PAST_DUE,
        INVOICES,
        OPEN_INVOICES,
        PAYMENTS,
        STARTED_BY_PAYMENTS,
        REFUNDS,
        DISPUTES,
        PAYOUTS,
    ),
}
