"""A subscription as far as a change of it has to know."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel.clock import from_timestamp
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.fields import id_of
from app.stripe_gateway.marks import Mark
from app.stripe_gateway.reading import only_item

if TYPE_CHECKING:
    import stripe

OVER = ("canceled", "incomplete_expired")
OVERDUE = ("past_due", "unpaid", "incomplete")


@dataclass(frozen=True, kw_only=True)
class StandingSnapshot:
    """A subscription with what a change of it is made from, and the marks of changes made before."""

    id: str
    status: str
    item_id: str
    product_id: str
    amount: Money
    interval: Interval
    period_end: datetime
    cancel_at: datetime | None
    cancels_at_period_end: bool
    pause_behavior: str | None
    resumes_at: datetime | None
    marks: frozenset[tuple[str, str]]
    comment: str | None

    @property
    def over(self) -> bool:
        """Whether it has ended for good."""
        return self.status in OVER

    @property
    def overdue(self) -> bool:
        """Whether a payment is owed, so that it cannot end later but only at once."""
        return self.status in OVERDUE

    def bears(self, mark: Mark) -> bool:
        """Whether what was asked for under this mark has been done."""
        return self.comment == mark.on_end or mark.on_matter in self.marks

    def bears_newer(self, mark: Mark) -> bool:
        """Whether an ask made after this one was the last of its matter; ids follow each other by birth.

        What somebody typed into the metadata by hand is nobody's ask.
        """
        newest = _id_of(dict(self.marks).get(mark.on_matter[0], ""))
        return newest is not None and newest > mark.ask_id


def read_standing(subscription: "stripe.Subscription") -> StandingSnapshot:
    """Read a subscription. Raises: UnsupportedShape: not one item with a monthly or yearly price."""
    item, amount, interval = only_item(subscription)
    pause, details = subscription.pause_collection, subscription.cancellation_details
    resumes_at = pause.resumes_at if pause else None
    metadata: dict[str, str] = subscription.metadata.to_dict() if subscription.metadata else {}
    return StandingSnapshot(
        id=subscription.id,
        status=subscription.status,
        item_id=item.id,
        product_id=id_of(item.price.product) or "",
        amount=amount,
        interval=interval,
        period_end=from_timestamp(item.current_period_end),
        cancel_at=from_timestamp(subscription.cancel_at) if subscription.cancel_at else None,
        cancels_at_period_end=subscription.cancel_at_period_end,
        pause_behavior=pause.behavior if pause else None,
        resumes_at=from_timestamp(resumes_at) if resumes_at else None,
        marks=frozenset(metadata.items()),
        comment=details.comment if details else None,
    )


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
