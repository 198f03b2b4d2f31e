"""Subscriptions that will soon be charged, and what they were charged last."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payment, Subscription
from app.billing.statuses import PaymentStatus, SubscriptionStatus
from app.kernel.intervals import Interval
from app.kernel.money import Money

CHARGED = (SubscriptionStatus.active, SubscriptionStatus.trialing)


@dataclass(frozen=True, kw_only=True)
class Renewing:
    """One subscription before its next charge."""

    stripe_subscription_id: str
    member_id: UUID
    charge_at: datetime
    amount: Money
    interval: Interval
    last_paid: Money | None
    """What was charged last; None where nothing was yet."""
    card_good_until: date | None
    """The last day of the card; None where it has none, as a bank account."""
    id: UUID


def list_renewing(
    session: Session, *, after: tuple[datetime, UUID | None], until: datetime, limit: int
) -> list[Renewing]:
    """Return subscriptions that are charged next after one place in their order and up to an instant.

    Those that end, are paused or have a payment open are not among them.

    Args: after: the charge and the row's id where the last list ended; without an id, an instant.
    """
    at, last_id = after
    begins = sa.tuple_(Subscription.current_period_end, Subscription.id) > (at, last_id)
    statement = sa.select(Subscription, _last_paid()).where(
        Subscription.ended_at.is_(None),
        Subscription.current_period_end >= at,
        Subscription.current_period_end > at if last_id is None else begins,
        Subscription.current_period_end <= until,
        Subscription.status.in_(CHARGED),
        Subscription.cancel_at.is_(None),
        Subscription.pause_behavior.is_(None),
        Subscription.member_id.is_not(None),
    )
    ordered = statement.order_by(Subscription.current_period_end, Subscription.id).limit(limit)
    return [_renewing(row, last_minor) for row, last_minor in session.execute(ordered)]


def _last_paid() -> sa.ScalarSelect[int]:
    paid = sa.select(Payment.amount_minor).where(
        Payment.stripe_subscription_id == Subscription.stripe_subscription_id,
        Payment.status == PaymentStatus.succeeded,
    )
    return paid.order_by(Payment.paid_at.desc()).limit(1).scalar_subquery()


def _renewing(row: Subscription, last_minor: int | None) -> Renewing:
    assert row.member_id is not None  # noqa: S101 (selected by both)
    assert row.current_period_end is not None  # noqa: S101
    return Renewing(
        stripe_subscription_id=row.stripe_subscription_id,
        member_id=row.member_id,
        charge_at=row.current_period_end,
        amount=Money(row.amount_minor, row.currency),
        interval=row.interval,
        last_paid=None if last_minor is None else Money(last_minor, row.currency),
        card_good_until=row.method_expires_on,
        id=row.id,
    )
