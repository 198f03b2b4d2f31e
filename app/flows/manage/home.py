"""All the supports of a member, as their first page shows them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.billing.doubled import list_charged
from app.billing.queries import list_subscriptions
from app.db import reading
from app.flows.entitlement import entitlement_of
from app.flows.manage.support import Supported, look_at_supported
from app.flows.parts import Parts
from app.members.entitlement import Entitlement
from app.members.models import Member


@dataclass(frozen=True, kw_only=True)
class Supports:
    """What a member supports with, and did."""

    running: tuple[Supported, ...]
    ended: tuple[Supported, ...]
    pays_twice: bool
    """More than one of them will be charged again."""


def list_supports(parts: Parts, member_id: UUID, *, now: datetime) -> Supports:
    """Return a member's supports, the newest first; asks Stripe nothing."""
    with reading(parts.sessions) as session:
        rows = [row for row in list_subscriptions(session, member_id) if row.current_period_end]
        seen = [look_at_supported(session, parts, row.id, member_id=member_id, now=now) for row in rows]
        twice = len(list_charged(session, member_id)) > 1
    return Supports(
        running=tuple(one for one in seen if one.picture.ended_at is None),
        ended=tuple(one for one in seen if one.picture.ended_at),
        pays_twice=twice,
    )


@dataclass(frozen=True, kw_only=True)
class Account:
    """A member as such, beside the supports."""

    code: str
    entitlement: Entitlement


def look_at_account(parts: Parts, member_id: UUID, *, now: datetime) -> Account:
    """Return a member's code, and what their support entitles to."""
    with reading(parts.sessions) as session:
        return Account(
            code=session.get_one(Member, member_id).code,
            entitlement=entitlement_of(session, member_id, newsroom=parts.newsroom, now=now),
        )
