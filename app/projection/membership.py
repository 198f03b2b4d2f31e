"""What a subscription tells of the membership it carries."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.rows import find_failing_since, find_last_paid_at
from app.billing.statuses import SubscriptionStatus
from app.inbox.queries import find_change_since
from app.members.facts import Change, Seen, Standing, changes_since
from app.members.members import find_last_change, record_change
from app.members.models import FactKind, MembershipState
from app.projection.causes import cause_of_fact
from app.projection.context import Context
from app.projection.history import past_of
from app.stripe_gateway.snapshots import SubscriptionSnapshot


@dataclass(frozen=True, kw_only=True)
class Before:
    """What was known of a subscription before it was looked at."""

    synced_at: datetime | None = None
    cancel_at: datetime | None = None
    canceled_at: datetime | None = None
    paused_until: datetime | None = None


def record_facts(
    session: Session,
    subscription: SubscriptionSnapshot,
    member_id: UUID,
    before: Before,
    context: Context,
) -> list[Change]:
    """Record what happened to the membership since it was last looked at; returns what is new."""
    seen = _see(session, subscription, before, context)
    recorded = []
    last = find_last_change(session, subscription.id)
    past = past_of(session, subscription) if last is None and seen.paid else []
    for change in [*past, *changes_since(past[-1] if past else last, seen)]:
        unexplained = change in past or _ran_out(change, seen)
        cause = None if unexplained else cause_of_fact(session, subscription, change, context)
        explained = replace(change, cause=cause)
        is_new = record_change(
            session,
            explained,
            member_id=member_id,
            stripe_subscription_id=subscription.id,
            zone=context.newsroom.zone,
        )
        recorded += [explained] if is_new else []
    return recorded


def _see(session: Session, subscription: SubscriptionSnapshot, before: Before, context: Context) -> Seen:
    last_paid_at = find_last_paid_at(session, subscription.id)
    holds = subscription.pause_behavior is not None
    return Seen(
        standing=Standing(amount=subscription.amount, interval=subscription.interval),
        state=state_of(subscription),
        paid=last_paid_at is not None,
        started_at=subscription.started_at,
        ended_at=subscription.ended_at,
        seen_at=_no_later_than_its_period(subscription, context.now),
        reported_at=find_change_since(session, subscription.id, looked_at=before.synced_at),
        period_started_at=subscription.current_period_start,
        failed_at=find_failing_since(session, subscription.id),
        paid_at=last_paid_at,
        pause_holds=holds,
        pause_over_at=None if holds else before.paused_until,
    )


def _no_later_than_its_period(subscription: SubscriptionSnapshot, now: datetime) -> datetime:
    """Return when the picture was taken, by Stripe's calendar: within the period it shows."""
    return min(now, subscription.current_period_end or now)


def state_of(subscription: SubscriptionSnapshot) -> MembershipState:
    """Return how a membership stands whose subscription looks so.

    A trial is the wait for a paid period's end before another interval begins. What is owed goes
    before a pause: an invoice from before it is still asked for.
    """
    if subscription.ended_at:
        return MembershipState.ended
    states = {
        SubscriptionStatus.past_due: MembershipState.past_due,
        SubscriptionStatus.unpaid: MembershipState.lapsed,
        SubscriptionStatus.paused: MembershipState.paused,
    }
    going = MembershipState.paused if subscription.pause_behavior else MembershipState.active
    return states.get(SubscriptionStatus(subscription.status), going)


def _ran_out(change: Change, seen: Seen) -> bool:
    """Whether a pause is over because it was to last so long."""
    over_at = seen.pause_over_at
    return change.kind is FactKind.resumed and over_at is not None and over_at <= change.occurred_at
