"""Adds one to a daily sum."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.appeals.models import AppealCount
from app.db import upsert

MOST_CAMPAIGNS_A_DAY = 200
"""Anybody can send a count, under any name: what goes beyond is counted under no campaign."""


class Counted(StrEnum):
    """What the appeal tells of."""

    shown = "shown"
    """It came into view: once a day in each browser."""
    continued = "continued"
    """Somebody went on to the form."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The sum that something is added to."""

    day: date
    variant: str
    campaign: str


def count(session: Session, what: Counted, place: Place) -> None:
    """Add one, in one statement where the row is there."""
    campaign = place.campaign if _has_room(session, place) else ""
    first = {"shown": 0, "continued": 0, what.value: 1}
    row = upsert(session, AppealCount).values(
        day=place.day, variant=place.variant, campaign_slug=campaign, **first
    )
    column = getattr(AppealCount, what.value)
    keys = ["day", "variant", "campaign_slug"]
    session.execute(row.on_conflict_do_update(index_elements=keys, set_={what.value: column + 1}))


def _has_room(session: Session, place: Place) -> bool:
    """Whether this campaign is counted today already, or is not one too many."""
    if not place.campaign:
        return True
    today = sa.select(AppealCount.campaign_slug).where(AppealCount.day == place.day).distinct()
    known = set(session.scalars(today.limit(MOST_CAMPAIGNS_A_DAY + 1)))
    return place.campaign in known or len(known) < MOST_CAMPAIGNS_A_DAY
