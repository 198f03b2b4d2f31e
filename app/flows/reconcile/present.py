"""What time it is at Stripe, by which old things are told from news."""

from datetime import datetime

from app.flows.parts import Parts
from app.stripe_gateway.lists import EventMark


def fetch_present(parts: Parts, newest: EventMark | None) -> datetime:
    """Return the present at Stripe: of its answer's date and its newest event, the later.

    On a quiet account the newest event may be weeks old. A test clock of Stripe's runs ahead of its dates.
    Raises: StripeUnavailable, StripeRefused.
    """
    dated = parts.gateway.fetch_clock()
    return max(dated, newest.occurred_at) if newest else dated
