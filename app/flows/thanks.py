"""The truth about a Checkout session, at once, whether or not its webhook has come."""

import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Invoice, Payment, Subscription
from app.billing.returned import went_back
from app.billing.statuses import InvoiceStatus, PaymentStatus
from app.db import reading
from app.flows.gifts.look import GivenGift, look_at_given
from app.flows.parts import Parts
from app.flows.sync import Synced, SyncOutcome, sync_at_once
from app.gifts.keeping import find_gift_of_pledge
from app.giving.models import Pledge
from app.giving.pledges import find_pledge_by_checkout
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.merging import resolve
from app.members.models import Member
from app.receipts.models import Receipt
from app.receipts.queries import list_credit_notes

PATIENCE_SECONDS = 5
"""After this the page is shown with what is known."""
GLANCE_SECONDS = 0.1
REFUSED = (PaymentStatus.requires_payment_method, PaymentStatus.canceled)


class Outcome(StrEnum):
    """Where the reader stands."""

    paid = "paid"
    processing = "processing"
    """Finished at Stripe, and the money is on its way or we could not yet see it."""
    failed = "failed"
    """Finished at Stripe, and the bank refused after all, as it may days after a bank debit."""
    went_back = "went_back"
    """Paid, and nothing of it is left: it was refunded, or a bank took it back."""
    not_paid = "not_paid"
    """Not finished; the resume link goes on."""


@dataclass(frozen=True, kw_only=True)
class ThanksPicture:
    """All that the thanks page says."""

    outcome: Outcome
    amount: Money
    """All that was charged, or is to be."""
    fees: Money
    """The part of it that covers the fees; zero where the reader covers none."""
    interval: Interval
    language: str
    resume_key: str
    member_code: str | None = None
    supports: bool = False
    """Whether the person's support goes on, by this pledge or another."""
    paid_on: date | None = None
    next_charge_on: date | None = None
    """For what recurs and is not to end: the day of the next charge, in the newsroom's time zone."""
    receipt_id: UUID | None = None
    receipt_number: str | None = None
    credit_notes: tuple[tuple[UUID, str], ...] = ()
    """Ids and numbers of what answers its refunds."""
    tried_again_on: date | None = None
    """Where the bank refused what recurs: the day of Stripe's next try, if there is to be one."""
    gift: GivenGift | None = None
    """The membership that was paid for somebody else."""
    subscription_id: UUID | None = None
    """Ours, of what recurs and was refused: another way to pay can be given for it."""


def look_at_checkout(parts: Parts, session_id: str) -> ThanksPicture | None:
    """Return where the reader of a Checkout session stands, asking Stripe if we do not know yet.

    When Stripe is away the picture says `processing`, and the page looks again.
    Returns: None where we never opened such a session.
    """
    pledge_id, picture = _look(parts, session_id)
    if pledge_id is None or picture is None or picture.outcome in (Outcome.paid, Outcome.went_back):
        return picture
    known = _sync_session(parts, session_id)
    _, picture = _look(parts, session_id)
    return picture if known or picture is None else replace(picture, outcome=Outcome.processing)


def _sync_session(parts: Parts, session_id: str) -> bool:
    """Sync a session and what came of it; returns whether Stripe told us of the session."""
    until = utc_now() + timedelta(seconds=PATIENCE_SECONDS)
    synced = _sync_patiently(parts, (ObjectType.checkout_session, session_id), until)
    if synced is None or synced.outcome is not SyncOutcome.applied:
        return False
    for follow_up in synced.follow_ups:
        _sync_patiently(parts, follow_up, until)
    return True


def _sync_patiently(parts: Parts, wanted: Wanted, until: datetime) -> Synced | None:
    """Sync an object now; while a worker has it, as when the webhook came with the reader, wait for it."""
    synced = None
    while synced is None and utc_now() < until:
        synced = sync_at_once(parts, wanted, now=utc_now())
        if synced is None:
            time.sleep(GLANCE_SECONDS)
    return synced


def _look(parts: Parts, session_id: str) -> tuple[UUID | None, ThanksPicture | None]:
    with reading(parts.sessions) as session:
        pledge = find_pledge_by_checkout(session, session_id)
        return (pledge.id, _picture(session, pledge, parts)) if pledge else (None, None)


def _picture(session: Session, pledge: Pledge, parts: Parts) -> ThanksPicture:
    picture = ThanksPicture(
        outcome=Outcome.processing if pledge.completed_at else Outcome.not_paid,
        amount=Money(pledge.amount_minor, pledge.currency),
        fees=Money(pledge.fees_minor, pledge.currency),
        interval=pledge.interval,
        language=pledge.language,
        resume_key=pledge.resume_key,
        gift=_gift(session, pledge, parts),
    )
    receipt = session.scalar(_first_receipt_of(pledge.id))
    if receipt is None:
        return _with_failure(session, picture, pledge, parts.newsroom.zone)
    member_id = resolve(session, receipt.member_id)
    return replace(
        picture,
        outcome=Outcome.went_back if went_back(session, receipt.payment_id) else Outcome.paid,
        supports=_supports(session, member_id),
        member_code=session.get_one(Member, member_id).code,
        paid_on=receipt.paid_on,
        next_charge_on=_next_charge_on(session, pledge, parts.newsroom.zone),
        receipt_id=receipt.id,
        receipt_number=receipt.number,
        credit_notes=tuple((note.id, note.number) for note in list_credit_notes(session, [receipt.id])),
    )


def _gift(session: Session, pledge: Pledge, parts: Parts) -> GivenGift | None:
    gift = find_gift_of_pledge(session, pledge.id)
    return look_at_given(session, parts, gift, now=utc_now()) if gift else None


def _with_failure(session: Session, picture: ThanksPicture, pledge: Pledge, zone: ZoneInfo) -> ThanksPicture:
    """Say so where Stripe's page was finished and the bank refused the debit afterwards."""
    newest = sa.select(Payment).where(Payment.pledge_id == pledge.id).order_by(Payment.created_at.desc())
    payment = session.scalar(newest.limit(1))
    if not pledge.completed_at or payment is None or payment.status not in REFUSED:
        return picture
    waiting = session.scalar(_subscription_that_waits(pledge.id))
    tried_at = session.scalar(_next_attempt(waiting.stripe_subscription_id)) if waiting else None
    return replace(
        picture,
        outcome=Outcome.failed,
        tried_again_on=local_date(tried_at, zone) if tried_at else None,
        subscription_id=waiting.id if waiting else None,
    )


def _subscription_that_waits(pledge_id: UUID) -> sa.Select[Subscription]:
    return (
        sa.select(Subscription)
        .where(Subscription.pledge_id == pledge_id, Subscription.ended_at.is_(None))
        .limit(1)
    )


def _next_attempt(stripe_subscription_id: str) -> sa.Select[datetime | None]:
    return sa.select(Invoice.next_attempt_at).where(
        Invoice.stripe_subscription_id == stripe_subscription_id, Invoice.status == InvoiceStatus.open
    )


def _first_receipt_of(pledge_id: UUID) -> sa.Select[Receipt]:
    return (
        sa.select(Receipt)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(Payment.pledge_id == pledge_id)
        .order_by(Payment.paid_at)
        .limit(1)
    )


def _supports(session: Session, member_id: UUID) -> bool:
    goes_on = sa.select(Subscription.id).where(
        Subscription.member_id == member_id, Subscription.ended_at.is_(None)
    )
    return session.scalar(goes_on.limit(1)) is not None


def _next_charge_on(session: Session, pledge: Pledge, zone: ZoneInfo) -> date | None:
    if pledge.interval is Interval.once:
        return None
    ends = sa.select(Subscription.current_period_end).where(
        Subscription.pledge_id == pledge.id, Subscription.cancel_at.is_(None), Subscription.ended_at.is_(None)
    )
    end = session.scalar(ends.limit(1))
    return local_date(end, zone) if end else None
