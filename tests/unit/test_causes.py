"""Who brought a change about: the member, staff, Stripe's last try, or somebody at Stripe."""

import pytest

from app.members.causes import cause_of
from app.members.models import FactCause, FactKind


@pytest.mark.parametrize("kind", [FactKind.started, FactKind.past_due, FactKind.recovered, FactKind.lapsed])
def test_a_payment_that_fails_or_comes_in_is_nobodys_doing(kind: FactKind) -> None:
    assert cause_of(kind, asked_by=FactCause.staff, reason="payment_failed", feedback=None) is None


@pytest.mark.parametrize("kind", [FactKind.raised, FactKind.lowered, FactKind.paused, FactKind.resumed])
def test_a_change_nobody_asked_us_for_was_made_at_stripe(kind: FactKind) -> None:
    assert cause_of(kind, asked_by=None, reason=None, feedback=None) is FactCause.stripe
    assert cause_of(kind, asked_by=FactCause.member, reason=None, feedback=None) is FactCause.member


@pytest.mark.parametrize(
    ("asked_by", "reason", "feedback", "cause"),
    [
        (None, "payment_failed", None, FactCause.dunning),
        (FactCause.member, "payment_failed", None, FactCause.dunning),
        (None, "payment_disputed", None, FactCause.stripe),
        (FactCause.staff, "cancellation_requested", None, FactCause.staff),
        (FactCause.staff, "cancellation_requested", "too_expensive", FactCause.staff),
        (None, "cancellation_requested", "too_expensive", FactCause.member),
        (None, "cancellation_requested", None, FactCause.stripe),
        (None, "a_reason_of_tomorrow", None, FactCause.stripe),
        (None, None, None, FactCause.stripe),
    ],
)
def test_an_end_is_laid_to_whoever_brought_it_about(
    asked_by: FactCause | None, reason: str | None, feedback: str | None, cause: FactCause
) -> None:
    assert cause_of(FactKind.ended, asked_by=asked_by, reason=reason, feedback=feedback) is cause
