"""What a gift is worth and where it stands; who asks gives the moment."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.gifts.models import Gift
from app.kernel.clock import months_after

HOUR = time(9)
"""When a recipient is written to on a day that was chosen."""


@dataclass(frozen=True, kw_only=True)
class GiftWish:
    """What is given, and to whom it is to be sent; every field has been checked."""

    months: int
    words: str | None = field(default=None, repr=False)
    recipient: str | None = field(default=None, repr=False)
    """An address, where we are to write to it."""
    send_on: date | None = None
    """The day to write on; None for at once."""

    def typed(self) -> str:
        """Return all of it as one text: the same text is the same gift."""
        return "\x1f".join(
            map(str, (self.months, self.words or "", self.recipient or "", self.send_on or ""))
        )


class GiftStanding(StrEnum):
    """Where a gift stands."""

    unpaid = "unpaid"
    open = "open"
    """Paid, and nobody has claimed it."""
    claimed = "claimed"
    taken_back = "taken_back"
    """Nothing of its money is left: it was refunded, or a bank took it back."""
    expired = "expired"
    """Nobody claimed it in time."""


def standing_of(gift: Gift, *, kept: bool, now: datetime) -> GiftStanding:
    """Return where a gift stands.

    Args: kept: whether any of its money stayed. A bank that gives the money back opens the gift again.
    """
    if gift.paid_at is None or gift.claim_until is None:
        return GiftStanding.unpaid
    if not kept:
        return GiftStanding.taken_back
    if gift.claimed_at:
        return GiftStanding.claimed
    return GiftStanding.open if now < gift.claim_until else GiftStanding.expired


def span_of(months: int, *, running_until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return from when till when a gift that is claimed now lasts: after one that is running."""
    starts_at = max(now, running_until or now)
    return starts_at, months_after(starts_at, months)


def send_at(wish: GiftWish, zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """Return when the recipient is to be written to: nine in the morning of the day chosen, or at once."""
    if wish.recipient is None:
        return None
    return datetime.combine(wish.send_on, HOUR, zone) if wish.send_on else now


def latest_day(today: date) -> date:
    """Return the last day a giver may choose: within the year, while the code is sure to be good."""
    return today + timedelta(days=330)
