"""Gift memberships on a member's record: what they gave and what they claimed, and never from or to whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.access import parts
from app.flows.gifts.look import GivenGift, ReceivedGift, list_given, list_received
from app.gifts.rules import GiftStanding
from app.kernel.clock import utc_now
from app.members.models import Member
from app.web.staff import pages


@dataclass(frozen=True, kw_only=True)
class GiftLine:
    """One gift as staff read it."""

    day: datetime | None
    what: str
    state: str


def list_gift_lines(session: Session, member: Member) -> list[GiftLine]:
    """Return a member's gifts, those they gave first."""
    given = list_given(session, parts(), member.id, now=utc_now())
    return [*map(_given, given), *map(_received, list_received(session, member.id))]


def _given(gift: GivenGift) -> GiftLine:
    plural = "" if gift.months == 1 else "s"
    return GiftLine(day=gift.paid_at, what=f"Gave {gift.months} month{plural}", state=_state(gift))


def _state(gift: GivenGift) -> str:
    if gift.standing is GiftStanding.claimed and gift.claimed_at:
        return f"claimed on {pages.local_day(gift.claimed_at)}"
    if gift.standing is GiftStanding.taken_back:
        return "taken back: its payment went back"
    until = pages.local_day(gift.claim_until) if gift.claim_until else "–"
    if gift.standing is GiftStanding.expired:
        return f"not claimed by {until}"
    return f"not claimed yet; the code is good until {until}"


def _received(received: ReceivedGift) -> GiftLine:
    span = f"{pages.local_day(received.starts_at)} to {pages.local_day(received.until)}"
    now = utc_now()
    if not received.kept:
        state = "taken back: its payment went back"
    elif received.until <= now:
        state = "over"
    else:
        state = "begins after the gift before it" if received.starts_at > now else "runs"
    return GiftLine(day=received.claimed_at, what=f"Claimed a gift, {span}", state=state)
