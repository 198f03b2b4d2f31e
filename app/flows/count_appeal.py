"""What the appeal under articles tells of itself: one more was shown, one more went on to the form."""

from datetime import datetime

from app.appeals.counting import Counted, Place, count
from app.db import transaction
from app.flows.parts import Parts
from app.kernel.clock import local_date


def count_appeal(parts: Parts, what: Counted, *, variant: str, campaign: str | None, now: datetime) -> None:
    """Add one to the sum of the newsroom's day. Which browser it came from is not looked at."""
    place = Place(day=local_date(now, parts.newsroom.zone), variant=variant, campaign=campaign or "")
    with transaction(parts.sessions) as session:
        count(session, what, place)
