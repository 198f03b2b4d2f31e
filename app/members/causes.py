"""Tells who brought a change of a membership about."""

from typing import Final

from app.members.models import FactCause, FactKind

BY_SOMEBODY: Final = frozenset(
    {FactKind.raised, FactKind.lowered, FactKind.paused, FactKind.resumed, FactKind.ended}
)
"""A payment that fails or comes in is nobody's doing."""
_BY_STRIPES_WORD: Final = {
    "payment_failed": FactCause.dunning,
    "payment_disputed": FactCause.stripe,
}
"""https://docs.stripe.com/api/subscriptions/object#subscription_object-cancellation_details-reason"""


def cause_of(
    kind: FactKind, *, asked_by: FactCause | None, reason: str | None, feedback: str | None
) -> FactCause | None:
    """Return who or what brought a fact about, None where it was nobody in particular.

    What was not asked for through us was done at Stripe. There a member ends by the portal, which
    is where a reason is chosen from a list.

    Args: asked_by: who asked us for it; reason, feedback: Stripe's, of the cancellation.
    """
    if kind not in BY_SOMEBODY:
        return None
    if kind is not FactKind.ended:
        return asked_by or FactCause.stripe
    by_word = _BY_STRIPES_WORD.get(reason or "")
    return by_word or asked_by or (FactCause.member if feedback else FactCause.stripe)
