"""What a membership amounted to before we first looked at it, told from the invoices that were paid."""

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Invoice
from app.billing.statuses import InvoiceStatus
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.facts import Change, Standing
from app.members.models import FactKind
from app.stripe_gateway.snapshots import SubscriptionSnapshot

REGULAR = ("subscription_create", "subscription_cycle")
"""Invoices of whole periods: what Stripe bills between them says nothing of the amount."""
A_MONTH_AT_MOST = timedelta(days=32)
A_YEAR_AT_LEAST = timedelta(days=360)
_A_MOMENT = timedelta(microseconds=1)


def past_of(session: Session, subscription: SubscriptionSnapshot) -> list[Change]:
    """Return the facts of a membership never looked at, up to its newest paid period.

    Returns: nothing where every paid period cost the same, for then there is nothing to tell.
    """
    invoices = list(session.scalars(_paid_invoices(subscription.id)))
    standings = [(invoice, standing) for invoice in invoices if (standing := _standing_of(invoice))]
    if len({standing for _, standing in standings}) < 2:
        return []
    started = Change(kind=FactKind.started, occurred_at=subscription.started_at, standing=standings[0][1])
    return [started, *_steps(started, standings[1:])]


def _steps(last: Change, standings: Iterable[tuple[Invoice, Standing]]) -> Iterable[Change]:
    for invoice, standing in standings:
        if standing == last.standing:
            continue
        raised = standing.yearly_minor >= last.standing.yearly_minor
        last = Change(
            kind=FactKind.raised if raised else FactKind.lowered,
            occurred_at=max(invoice.period_start, last.occurred_at + _A_MOMENT),
            standing=standing,
        )
        yield last


def _paid_invoices(subscription_id: str) -> sa.Select[Invoice]:
    paid = sa.select(Invoice).where(
        Invoice.stripe_subscription_id == subscription_id,
        Invoice.status == InvoiceStatus.paid,
        Invoice.amount_paid > 0,
        Invoice.billing_reason.in_(REGULAR),
    )
    return paid.order_by(Invoice.period_start, Invoice.stripe_invoice_id)


def _standing_of(invoice: Invoice) -> Standing | None:
    """Return what a paid period cost; None for one that is neither a month nor a year."""
    length = invoice.period_end - invoice.period_start
    amount = Money(invoice.amount_paid, invoice.currency)
    if length >= A_YEAR_AT_LEAST:
        return Standing(amount=amount, interval=Interval.year)
    return Standing(amount=amount, interval=Interval.month) if length <= A_MONTH_AT_MOST else None
