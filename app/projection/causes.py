"""Who brought a change of a membership about: joins what was asked through us with Stripe's own word."""

from typing import Final

from sqlalchemy.orm import Session

from app.asks.models import AskedBy, AskKind
from app.asks.queries import cause_of_change
from app.members.causes import cause_of
from app.members.facts import Change
from app.members.models import FactCause, FactKind
from app.projection.context import Context
from app.stripe_gateway.snapshots import SubscriptionSnapshot

_ASKS: Final = {
    FactKind.raised: (AskKind.change_amount,),
    FactKind.lowered: (AskKind.change_amount,),
    FactKind.paused: (AskKind.pause,),
    FactKind.resumed: (AskKind.resume,),
    FactKind.ended: (AskKind.cancel, AskKind.cancel_later),
}
"""What leads to which fact; a payment that fails or comes in is asked for by nobody."""
_ASKED_BY: Final = {
    AskedBy.member: FactCause.member,
    AskedBy.staff: FactCause.staff,
    AskedBy.system: FactCause.staff,
}


def cause_of_fact(
    session: Session, subscription: SubscriptionSnapshot, change: Change, context: Context
) -> FactCause | None:
    """Return who or what brought a fact about; the ask that explains it explains no other."""
    return cause_of(
        change.kind,
        asked_by=_find_who_asked(session, subscription, change, context),
        reason=subscription.cancellation_reason,
        feedback=subscription.cancellation_feedback,
    )


def _find_who_asked(
    session: Session, subscription: SubscriptionSnapshot, change: Change, context: Context
) -> FactCause | None:
    kinds = _ASKS.get(change.kind)
    if kinds is None:
        return None
    of_amount = change.kind in (FactKind.raised, FactKind.lowered)
    asked_by = cause_of_change(
        session,
        subscription.id,
        kinds,
        now=context.now,
        amount=change.standing.amount if of_amount else None,
    )
    return _ASKED_BY[asked_by] if asked_by else None
