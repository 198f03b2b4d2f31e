"""Which of Stripe's lists a sweep reads, in which order."""

from collections.abc import Callable
from dataclasses import dataclass

from app.flows.parts import Parts
from app.flows.reconcile.balance import read_page as read_balance
from app.flows.reconcile.gone import look_for_gone
from app.flows.reconcile.run import Run
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


Look = Callable[[Parts, Run], tuple[int, str | None]]
"""A step of another make: returns how many objects it saw, and where it goes on unless it is done."""

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
    look_for_gone,
    read_balance,
)
STEPS: dict[SweepKind, tuple[Step | Look, ...]] = {
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
        read_balance,
    ),
}
LOOKS: dict[Look, str] = {
    look_for_gone: "what is gone",
    read_balance: "balance transactions",
}
"""The steps of another make, in words."""
