"""A Stripe subscription, and the facts of the membership it carries."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Subscription
from app.billing.rows import find_member_of_customer, has_been_paid
from app.billing.statuses import SubscriptionStatus
from app.db import save_row
from app.inbox.events import Wanted
from app.inbox.queries import find_last_change_at
from app.members.facts import Seen, Standing, changes_since
from app.members.members import find_last_change, record_change
from app.projection.context import Context
from app.stripe_gateway.snapshots import SubscriptionSnapshot


def project_subscription(
    session: Session, subscription: SubscriptionSnapshot, context: Context
) -> list[Wanted]:
    """Apply a subscription.

    Until its first payment is projected there is no member and nothing has started; that payment
    wants the subscription again.
    """
    member_id = find_member_of_customer(session, subscription.customer_id)
    _save(session, subscription, member_id, context)
    if member_id:
        _record_facts(session, subscription, member_id, context)
    return []


def _save(
    session: Session, subscription: SubscriptionSnapshot, member_id: UUID | None, context: Context
) -> None:
    values = {
        "stripe_subscription_id": subscription.id,
        "stripe_customer_id": subscription.customer_id,
        "member_id": member_id,
        "pledge_id": subscription.pledge_id,
        "status": SubscriptionStatus(subscription.status),
        "amount_minor": subscription.amount.minor,
        "currency": subscription.amount.currency,
        "interval": subscription.interval,
        "started_at": subscription.started_at,
        "current_period_end": subscription.current_period_end,
        "cancel_at": subscription.cancel_at,
        "canceled_at": subscription.canceled_at,
        "ended_at": subscription.ended_at,
        "cancellation_reason": subscription.cancellation_reason,
        "cancellation_feedback": subscription.cancellation_feedback,
        "trial_end": subscription.trial_end,
        "pause_behavior": subscription.pause_behavior,
        "paused_until": subscription.paused_until,
        "method": subscription.method.kind if subscription.method else None,
        "method_last4": subscription.method.last4 if subscription.method else None,
        "method_expires_on": subscription.method.expires_on if subscription.method else None,
        "synced_at": context.now,
    }
    save_row(session, Subscription, "stripe_subscription_id", values)


def _record_facts(
    session: Session, subscription: SubscriptionSnapshot, member_id: UUID, context: Context
) -> None:
    seen = Seen(
        standing=Standing(amount=subscription.amount, interval=subscription.interval),
        paid=has_been_paid(session, subscription.id),
        started_at=subscription.started_at,
        ended_at=subscription.ended_at,
        changed_at=find_last_change_at(session, subscription.id) or context.now,
    )
    for change in changes_since(find_last_change(session, subscription.id), seen):
        record_change(
            session,
            change,
            member_id=member_id,
            stripe_subscription_id=subscription.id,
            zone=context.newsroom.zone,
        )
