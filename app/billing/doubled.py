"""People who pay twice: more than one subscription of theirs will be charged again."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Subscription
from app.billing.statuses import SubscriptionStatus

CHARGED = (SubscriptionStatus.trialing, SubscriptionStatus.active, SubscriptionStatus.past_due)


def will_be_charged() -> sa.ColumnElement[bool]:
    """Tell the subscriptions of which another period is to be charged.

    One that ends with its period will not be, nor one that is paused while it is; when the pause is
    over it is seen anew.
    """
    return sa.and_(
        Subscription.ended_at.is_(None),
        Subscription.status.in_(CHARGED),
        Subscription.cancel_at.is_(None),
        Subscription.pause_behavior.is_(None),
    )


def list_charged(session: Session, member_id: UUID) -> list[Subscription]:
    """Return a member's subscriptions that will be charged again, the oldest first."""
    statement = sa.select(Subscription).where(Subscription.member_id == member_id, will_be_charged())
    return list(session.scalars(statement.order_by(Subscription.started_at, Subscription.id)))


def select_doubled() -> sa.Select[UUID | None]:
    """Select the ids of members of whose subscriptions more than one will be charged again."""
    theirs = sa.select(Subscription.member_id).where(Subscription.member_id.is_not(None), will_be_charged())
    return theirs.group_by(Subscription.member_id).having(sa.func.count() > 1)


def list_doubled(session: Session, member_ids: Iterable[UUID]) -> dict[UUID, list[Subscription]]:
    """Return, of these members, those who pay twice, each with all that will be charged again."""
    among = select_doubled().where(Subscription.member_id.in_(list(member_ids)))
    statement = sa.select(Subscription).where(Subscription.member_id.in_(among), will_be_charged())
    found: dict[UUID, list[Subscription]] = defaultdict(list)
    for subscription in session.scalars(statement.order_by(Subscription.started_at, Subscription.id)):
        assert subscription.member_id is not None  # noqa: S101 (selected by it)
        found[subscription.member_id].append(subscription)
    return dict(found)
