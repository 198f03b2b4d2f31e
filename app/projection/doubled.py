"""A second subscription of one person: told to them, and left to them to settle."""

from itertools import combinations
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.doubled import list_charged
from app.billing.models import Subscription
from app.members.models import Member
from app.outbox.models import MailKind
from app.projection.context import Context
from app.projection.mailing import queue_mail


def tell_of_doubled(session: Session, subscription_id: str, member_id: UUID, context: Context) -> None:
    """Queue a mail for each other subscription of theirs that will be charged too, once a pair.

    Nothing is ended here: which of the two is meant, only they know. Staff see both on the desk. Two that
    come through at the same moment are seen one after the other, or neither would see the other.
    """
    session.execute(sa.select(Member.id).where(Member.id == member_id).with_for_update(key_share=True))
    for older, newer in combinations(list_charged(session, member_id), 2):
        concerned = subscription_id in (older.stripe_subscription_id, newer.stripe_subscription_id)
        if concerned and context.may_mail(newer.started_at):
            queue_mail(
                session,
                MailKind.second_subscription,
                key=f"second-{older.stripe_subscription_id}-{newer.stripe_subscription_id}",
                member_id=member_id,
                about_id=newer.stripe_subscription_id,
                matter={"older": _told(older), "newer": _told(newer)},
                context=context,
            )


def _told(subscription: Subscription) -> dict[str, object]:
    return {
        "subscription": subscription.stripe_subscription_id,
        "amount_minor": subscription.amount_minor,
        "currency": subscription.currency,
        "interval": subscription.interval,
    }
