"""Keeps the numbers of receipts and credit notes at Stripe, where a restored database finds them again."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.billing.models import Payment, Refund
from app.db import reading, transaction
from app.flows.muting import AFTER_A_MAIL, check_epoch_if_due
from app.flows.parts import Parts
from app.outbox.models import MailKind
from app.outbox.queue import MailLease
from app.receipts.models import CreditNote, Receipt
from app.stripe_gateway.errors import StripeRefused

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Unkept:
    """A number that Stripe does not keep yet, and the payment intent or refund it belongs to."""

    stripe_id: str
    number: str
    is_receipt: bool


def keep_some(parts: Parts, *, limit: int) -> int:
    """Keep some of the numbers not kept yet, oldest first; returns how many.

    One that Stripe refuses holds up neither the others nor whatever else is due. Raises: StripeUnavailable.
    """
    with reading(parts.sessions) as session:
        unkept = [*_unkept_receipts(session, limit), *_unkept_notes(session, limit)]
    return sum(_keep_unless_refused(parts, one) for one in unkept)


def keep_before_mailing(parts: Parts, lease: MailLease) -> None:
    """Keep the numbers that a letter is about to make known, unless they are kept or Stripe will not.

    A number in a reader's hands must be at Stripe, or a restored database could give it again: so the letter
    waits for a Stripe that is away. A credit note's letter names the receipt it answers as well, whose own
    letter may never have been sent. Raises: StripeUnavailable.
    """
    with reading(parts.sessions) as session:
        unkept = _named_in(session, lease)
    for one in unkept:
        _keep_unless_refused(parts, one)
    if unkept:
        _count_up(parts)


def _count_up(parts: Parts) -> None:
    try:
        check_epoch_if_due(parts, every=AFTER_A_MAIL)
    except StripeRefused as refused:
        log.warning("numbers.epoch_refused", code=refused.code)


def _keep_unless_refused(parts: Parts, one: Unkept) -> bool:
    try:
        _keep(parts, one)
    except StripeRefused as refused:
        log.warning("numbers.refused", stripe_id=one.stripe_id, code=refused.code)
        return False
    return True


def _keep(parts: Parts, one: Unkept) -> None:
    keepsakes = parts.gateway.keepsakes
    keep = keepsakes.keep_receipt_number if one.is_receipt else keepsakes.keep_note_number
    keep(one.stripe_id, one.number)
    with transaction(parts.sessions) as session:
        _mark_kept(session, one)


def _mark_kept(session: Session, one: Unkept) -> None:
    if one.is_receipt:
        payment = Payment.stripe_payment_intent_id == one.stripe_id
        session.execute(sa.update(Payment).where(payment).values(kept_receipt_number=one.number))
    else:
        refund = Refund.stripe_refund_id == one.stripe_id
        session.execute(sa.update(Refund).where(refund).values(kept_note_number=one.number))


def _named_in(session: Session, lease: MailLease) -> list[Unkept]:
    receipts = session.execute(_receipts().where(Receipt.id == lease.receipt_id))
    named = [Unkept(stripe_id=row[0], number=row[1], is_receipt=True) for row in receipts]
    if lease.kind is MailKind.credit_note and lease.about_id:
        notes = session.execute(_notes().where(CreditNote.id == UUID(lease.about_id)))
        named += [Unkept(stripe_id=row[0], number=row[1], is_receipt=False) for row in notes]
    return named


def _unkept_receipts(session: Session, limit: int) -> list[Unkept]:
    found = session.execute(_receipts().order_by(Payment.id).limit(limit))
    return [Unkept(stripe_id=row[0], number=row[1], is_receipt=True) for row in found]


def _unkept_notes(session: Session, limit: int) -> list[Unkept]:
    found = session.execute(_notes().order_by(Refund.id).limit(limit))
    return [Unkept(stripe_id=row[0], number=row[1], is_receipt=False) for row in found]


def _receipts() -> sa.Select[str, str]:
    waits = sa.and_(Payment.paid_at.is_not(None), Payment.kept_receipt_number.is_(None))
    issued = Receipt.payment_id == Payment.id
    return sa.select(Payment.stripe_payment_intent_id, Receipt.number).join(Receipt, issued).where(waits)


def _notes() -> sa.Select[str, str]:
    answered = CreditNote.stripe_refund_id == Refund.stripe_refund_id
    unkept = Refund.kept_note_number.is_(None)
    return sa.select(Refund.stripe_refund_id, CreditNote.number).join(CreditNote, answered).where(unkept)
