"""What the appeal under articles tells of itself: one more was shown, one more went on to the form."""

from dataclasses import dataclass
from datetime import datetime

from app.appeals.counting import Counted, Place, count
from app.db import transaction
from app.flows.limits import count_teller
from app.flows.parts import Parts
from app.kernel.clock import local_date


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What a browser tells of, and the network it came from: hashed, counted, and not kept."""

    what: Counted
    variant: str
    campaign: str | None
    network: str


def count_appeal(parts: Parts, told: Telling, *, now: datetime) -> None:
    """Add one to the sum of the newsroom's day. Which browser it came from is not looked at.

    Raises: TooOftenAsked: one network tells of more than people do.
    """
    day = local_date(now, parts.newsroom.zone)
    place = Place(day=day, variant=told.variant, campaign=told.campaign or "")
    with transaction(parts.sessions) as session:
        count_teller(session, parts, told.network, now=now)
        count(session, told.what, place)
