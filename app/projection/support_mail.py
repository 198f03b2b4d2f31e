"""The mails about a membership: that it changed, was paused, goes on, will end or is over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.inbox.queries import find_change_since
from app.kernel.clock import local_date
from app.members.facts import Change
from app.members.models import FactKind
from app.outbox.models import MailKind
from app.projection.context import Context
from app.projection.mailing import queue_mail
from app.projection.membership import Before
from app.stripe_gateway.snapshots import SubscriptionSnapshot

_MAILS = {
    FactKind.raised: MailKind.support_changed,
    FactKind.lowered: MailKind.support_changed,
    FactKind.paused: MailKind.support_paused,
    FactKind.resumed: MailKind.support_resumed,
    FactKind.ended: MailKind.support_ended,
}
"""A payment that failed or came in has mails of its own, one for each of Stripe's tries."""
END_TAKEN_BACK = "end_taken_back"
"""Why support goes on that was not paused."""


def tell_of_changes(
    session: Session,
    subscription: SubscriptionSnapshot,
    member_id: UUID,
    changes: list[Change],
    context: Context,
) -> None:
    """Queue a mail for each new fact that the member wants to hear of."""
    for change in changes:
        if change.kind in _MAILS and context.may_mail(change.occurred_at):
            matter = {
                "happened_at": change.occurred_at.isoformat(),
                "cause": change.cause,
                **_changed(change),
                **_what_comes(subscription, change, context),
            }
            queue_mail(
                session,
                _MAILS[change.kind],
                key=f"{change.kind}-{subscription.id}-{change.occurred_at.timestamp():.6f}",
                member_id=member_id,
                about_id=subscription.id,
                matter=matter,
                context=context,
            )


def tell_of_ending(
    session: Session, subscription: SubscriptionSnapshot, member_id: UUID, before: Before, context: Context
) -> None:
    """Queue a mail where the support will end with its period; no fact yet, for it may be taken back."""
    ends_at = subscription.cancel_at
    if ends_at is None or subscription.ended_at or ends_at == before.cancel_at:
        return
    asked_at = subscription.canceled_at or context.now
    if context.may_mail(asked_at):
        queue_mail(
            session,
            MailKind.support_ending,
            key=f"ending-{subscription.id}-{ends_at.timestamp():.0f}-{asked_at.timestamp():.0f}",
            member_id=member_id,
            about_id=subscription.id,
            matter={"happened_at": asked_at.isoformat(), "ends_on": _day(ends_at, context)},
            context=context,
        )


def tell_of_end_taken_back(
    session: Session, subscription: SubscriptionSnapshot, member_id: UUID, before: Before, context: Context
) -> None:
    """Queue a mail where the support was to end and goes on; no fact, for it never ended."""
    if before.cancel_at is None or subscription.cancel_at or subscription.ended_at:
        return
    reported_at = find_change_since(session, subscription.id, looked_at=before.synced_at)
    if context.may_mail(reported_at or context.now):
        asked_at = before.canceled_at or before.cancel_at
        queue_mail(
            session,
            MailKind.support_resumed,
            key=f"kept-{subscription.id}-{before.cancel_at.timestamp():.0f}-{asked_at.timestamp():.0f}",
            member_id=member_id,
            about_id=subscription.id,
            matter={"because": END_TAKEN_BACK},
            context=context,
        )


def _changed(change: Change) -> dict[str, object]:
    amount = change.standing.amount
    if not amount.minor:
        return {}
    return {
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "interval": change.standing.interval,
        "raised": change.kind is FactKind.raised,
    }


def _what_comes(subscription: SubscriptionSnapshot, change: Change, context: Context) -> dict[str, object]:
    """Say until when it is paused, where that is known, or when it is charged next."""
    if change.kind is FactKind.paused:
        until = subscription.paused_until
        return {"paused_until": _day(until, context)} if until else {}
    if change.kind is FactKind.ended or not subscription.current_period_end:
        return {}
    return {"next_charge_on": _day(subscription.current_period_end, context)}


def _day(at: datetime, context: Context) -> str:
    return local_date(at, context.newsroom.zone).isoformat()
