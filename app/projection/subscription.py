"""A Stripe subscription, and what it tells of the membership it carries."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Subscription
from app.billing.rows import find_member_of_customer, find_subscription
from app.billing.statuses import SubscriptionStatus
from app.db import save_row
from app.inbox.events import Wanted
from app.members.merging import hold
from app.projection.context import Context
from app.projection.doubled import tell_of_doubled
from app.projection.membership import Before, record_facts
from app.projection.support_mail import tell_of_changes, tell_of_end_taken_back, tell_of_ending
from app.stripe_gateway.snapshots import SubscriptionSnapshot


def project_subscription(
    session: Session, subscription: SubscriptionSnapshot, context: Context
) -> list[Wanted]:
    """Apply a subscription: its row, the facts of the membership, and the mails about them.

    Until its first payment is projected there is no member and nothing has started; that payment
    wants the subscription again.
    """
    before = _before(session, subscription.id)
    member_id = _hold_member(session, subscription)
    _save(session, subscription, member_id, context)
    if member_id:
        changes = record_facts(session, subscription, member_id, before, context)
        tell_of_changes(session, subscription, member_id, changes, context)
        tell_of_ending(session, subscription, member_id, before, context)
        tell_of_end_taken_back(session, subscription, member_id, before, context)
        tell_of_doubled(session, subscription.id, member_id, context)
    return []


def _hold_member(session: Session, subscription: SubscriptionSnapshot) -> UUID | None:
    """Return whose it is, read anew once nobody can merge them into another, or take that back."""
    member_id = find_member_of_customer(session, subscription.customer_id)
    if member_id is None:
        return None
    hold(session, member_id)
    return find_member_of_customer(session, subscription.customer_id)


def _before(session: Session, subscription_id: str) -> Before:
    """Return what was known before this picture; the row itself is about to change under it."""
    known = find_subscription(session, subscription_id)
    if known is None:
        return Before()
    before = Before(
        synced_at=known.synced_at,
        cancel_at=known.cancel_at,
        canceled_at=known.canceled_at,
        paused_until=known.paused_until,
    )
    session.expire(known)
    return before


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
        "anchor_at": subscription.anchor_at,
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
