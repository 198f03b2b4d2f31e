"""One support of a member, as the pages that change it have to know it; read from our rows alone."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.asks.models import Ask, AskKind
from app.asks.queries import list_asks
from app.asks.queue import amount_of
from app.billing.course import Course, course_of, moved, paused, resumed, with_amount
from app.billing.models import Subscription
from app.billing.queries import find_draft_invoice
from app.flows.asking.ask import AskOutcome, outcome_of
from app.flows.links import LinkUnknown
from app.flows.manage.picture import Picture, Standing, look_at_support
from app.flows.parts import Parts
from app.giving.agreements import fees_within
from app.kernel.money import Money

ASKS_LOOKED_AT = 20


class Condition(StrEnum):
    """Whether a support can be changed now."""

    changeable = "changeable"
    ended = "ended"
    ending = "ending"
    """Nothing is charged any more unless the end is taken back."""
    asked = "asked"
    """Something was asked of Stripe that it has not answered."""
    under_way = "under_way"
    """The paid period is over this moment, and Stripe has not told yet what it charges."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A payment that is asked for already: open since it failed, or drafted within the hour."""

    stripe_invoice_id: str
    amount: Money
    next_try_at: datetime | None
    bank_has_it: bool
    """The bank was asked and has not answered: it can be neither lowered nor dropped."""


@dataclass(frozen=True, kw_only=True)
class Supported:
    """A support, how it will be charged, and what stands in the way of changing it."""

    picture: Picture
    condition: Condition
    course: Course
    fees: Money
    """The part of the amount that covers the fees; zero where none does."""
    pending: Pending | None

    @property
    def gift(self) -> Money:
        """What is given, without what covers the fees."""
        return self.course.amount - self.fees

    @property
    def overdue(self) -> bool:
        """Whether a payment failed and is still asked for."""
        return self.picture.standing in (Standing.open, Standing.to_confirm)

    @property
    def seen(self) -> str:
        """A short text that differs as soon as a preview would."""
        told = (self.course, self.fees, self.pending, self.overdue, self.picture.ended_at)
        return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()


def look_at_supported(
    session: Session, parts: Parts, support_id: UUID, *, member_id: UUID, now: datetime, lock: bool = False
) -> Supported:
    """Return a member's own support, with what Stripe did for us that it has not reported yet.

    Args: lock: keep others who would change it waiting until the transaction ends.
    Raises: LinkUnknown: there is none with this id, or it is somebody else's.
    """
    row = session.get(Subscription, support_id, with_for_update=lock or None)
    if row is None or row.member_id != member_id:
        raise LinkUnknown(str(support_id))
    picture = look_at_support(session, parts, support_id)
    asks = list_asks(session, [row.stripe_subscription_id], limit=ASKS_LOOKED_AT)
    course = _course(row, asks)
    if course is None:
        raise LinkUnknown(str(support_id))
    return Supported(
        picture=picture,
        condition=_condition(row, asks, course, now=now),
        course=course,
        fees=_fees(session, row, picture, course),
        pending=_pending(session, row, picture),
    )


def _fees(session: Session, row: Subscription, picture: Picture, course: Course) -> Money:
    """Return what of each charge covers the fees; looked up anew only where an ask will change the amount."""
    if course.amount == picture.amount:
        return picture.amount - picture.gift
    return fees_within(
        session,
        course.amount,
        stripe_subscription_id=row.stripe_subscription_id,
        pledge_id=row.pledge_id,
    )


def _course(row: Subscription, asks: list[Ask]) -> Course | None:
    """Return how a support is charged, with what Stripe has done for us and not reported yet."""
    course = course_of(row)
    for ask in reversed(asks):
        if course and ask.done_at and ask.done_at > row.synced_at:
            course = after_ask(course, ask)
    return course


def after_ask(course: Course, ask: Ask) -> Course:
    """Return the course as it is once an ask is done."""
    amount = amount_of(ask)
    if ask.kind is AskKind.change_amount and amount and ask.interval:
        return with_amount(course, amount, ask.interval)
    if ask.kind is AskKind.pause and ask.resumes_at:
        return paused(course, ask.resumes_at)
    if ask.kind is AskKind.resume:
        return resumed(course)
    if ask.kind is AskKind.move_charge and ask.charge_at:
        return moved(course, ask.charge_at)
    return course


def _condition(row: Subscription, asks: list[Ask], course: Course, *, now: datetime) -> Condition:
    if row.ended_at:
        return Condition.ended
    if any(outcome_of(ask) is AskOutcome.waiting for ask in asks) or _end_is_news(row, asks):
        return Condition.asked
    if row.cancel_at:
        return Condition.ending
    return Condition.under_way if course.next_at <= now else Condition.changeable


def _end_is_news(row: Subscription, asks: list[Ask]) -> bool:
    """Whether an end was asked for, or taken back, that Stripe has done and not reported yet."""
    ends = (AskKind.cancel, AskKind.cancel_later, AskKind.take_back)
    return any(ask.kind in ends and ask.done_at is not None and ask.done_at > row.synced_at for ask in asks)


def _pending(session: Session, row: Subscription, picture: Picture) -> Pending | None:
    invoice = picture.invoice
    if invoice:
        return Pending(
            stripe_invoice_id=invoice.stripe_invoice_id,
            amount=invoice.amount,
            next_try_at=invoice.next_try_at,
            bank_has_it=picture.standing is Standing.on_its_way,
        )
    draft = None if row.ended_at else find_draft_invoice(session, row.stripe_subscription_id)
    if draft is None:
        return None
    return Pending(
        stripe_invoice_id=draft.stripe_invoice_id,
        amount=Money(draft.amount_due, draft.currency),
        next_try_at=draft.next_attempt_at,
        bank_has_it=False,
    )
