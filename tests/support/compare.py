"""Sets our rows against the local Stripe's own objects: the answer is a list of differences, best empty."""

from datetime import datetime

from app.db import Sessions, reading
from tests.support import compare_billing as billing
from tests.support import compare_books as books
from tests.support import compare_documents as documents
from tests.support import compare_members as members
from tests.support import compare_movements as movements
from tests.support.compare_books import gaps, stripe_balance
from tests.support.compare_state import StripeState
from tests.support.simulator import SimulatorProcess

__all__ = ["differences", "gaps", "stripe_balance"]
COMPARISONS = (
    *billing.COMPARISONS,
    *movements.COMPARISONS,
    *books.COMPARISONS,
    *documents.COMPARISONS,
    *members.COMPARISONS,
)


def differences(
    sessions: Sessions, simulator: SimulatorProcess, *, silent_since: datetime | None = None
) -> list[str]:
    """Return every way in which our rows differ from Stripe's objects and from our own rules.

    Args: silent_since: when a sweep began that may have found payments too old to be mailed about.
    """
    stripe = StripeState(simulator)
    with reading(sessions) as session:
        found = [one for compare in COMPARISONS for one in compare(session, stripe)]
        return [*found, *members.receipt_mails(session, silent_since=silent_since)]
