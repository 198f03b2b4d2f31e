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

    Raises: StripeUnavailable; StripeRefused: our key may not, and nothing else is tried.
    """
    with reading(parts.sessions) as session:
        unkept = [*_unkept_receipts(session, limit), *_unkept_notes(session, limit)]
    for one in unkept:
        _keep(parts, one)
    return len(unkept)


def keep_before_mailing(parts: Parts, lease: MailLease) -> None:
    """Keep the number that a letter is about to make known, unless it is kept or Stripe will not.

    A number in a reader's hands must be at Stripe, or a restored database could give it again: so the letter
    waits for a Stripe that is away. Raises: StripeUnavailable.
    """
    if lease.kind not in (MailKind.receipt, MailKind.credit_note):
        return
    with reading(parts.sessions) as session:
        unkept = _find_unkept(session, lease)
    if unkept is None:
        return
    try:
        _keep(parts, unkept)
        check_epoch_if_due(parts, every=AFTER_A_MAIL)
    except StripeRefused as refused:
        log.warning("numbers.refused", stripe_id=unkept.stripe_id, code=refused.code)


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


def _find_unkept(session: Session, lease: MailLease) -> Unkept | None:
    if lease.kind is MailKind.receipt:
        found = session.execute(_receipts().where(Receipt.id == lease.receipt_id)).one_or_none()
    else:
        note_id = UUID(lease.about_id) if lease.about_id else None
        found = session.execute(_notes().where(CreditNote.id == note_id)).one_or_none()
    if found is None:
        return None
    return Unkept(stripe_id=found[0], number=found[1], is_receipt=lease.kind is MailKind.receipt)


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
