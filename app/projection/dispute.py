"""A dispute: its row, its balance transactions in the books, and what the receipt says of it."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Payment
from app.billing.statuses import DisputeStatus
from app.db import save_row
from app.inbox.events import Wanted
from app.inbox.queries import find_last_change_at
from app.kernel.clock import local_date
from app.projection.context import Context
from app.projection.transaction import about_payment, find_paid, post_about
from app.receipts.notes import DisputeStory, add_note, notes_of_dispute
from app.receipts.queries import find_receipt_of
from app.stripe_gateway.money_snapshots import DisputeSnapshot

BANK_DEBITS: Final = frozenset({"acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"})
"""Stripe tells the return of a debit as a dispute; the payment's method alone tells the two apart."""


def project_dispute(session: Session, dispute: DisputeSnapshot, context: Context) -> list[Wanted]:
    """Apply a dispute; one that only asks moves no money and leaves the receipt as it is.

    Raises: NeedsFirst: the payment it takes back is not projected yet.
    """
    payment = find_paid(session, dispute.payment_intent_id)
    lost_at = _lost_at(session, dispute, context)
    _save(session, dispute, lost_at, context)
    about = about_payment(payment, dispute.amount)
    for balance in dispute.balances:
        post_about(session, balance, about, context)
    if payment:
        _annotate(session, dispute, payment, lost_at, context)
    return []


def _save(session: Session, dispute: DisputeSnapshot, lost_at: datetime | None, context: Context) -> None:
    values = {
        "stripe_dispute_id": dispute.id,
        "stripe_charge_id": dispute.charge_id,
        "stripe_payment_intent_id": dispute.payment_intent_id,
        "status": DisputeStatus(dispute.status),
        "reason": dispute.reason,
        "amount_minor": dispute.amount.minor,
        "currency": dispute.amount.currency,
        "evidence_due_at": dispute.evidence_due_at,
        "withdrawn_at": _when(dispute, "dispute"),
        "returned_at": _when(dispute, "dispute_reversal"),
        "lost_at": lost_at,
        "created_at": dispute.created_at,
        "synced_at": context.now,
    }
    save_row(session, Dispute, "stripe_dispute_id", values)


def _annotate(
    session: Session, dispute: DisputeSnapshot, payment: Payment, lost_at: datetime | None, context: Context
) -> None:
    receipt = find_receipt_of(session, payment.id)
    if receipt is None:
        return
    story = DisputeStory(
        by_debit=payment.method in BANK_DEBITS,
        withdrawn_at=_when(dispute, "dispute"),
        returned_at=_when(dispute, "dispute_reversal"),
        lost_at=lost_at,
    )
    for kind, at in notes_of_dispute(story):
        add_note(
            session,
            kind,
            receipt_id=receipt.id,
            stripe_object_id=dispute.id,
            noted_on=local_date(at, context.newsroom.zone),
            amount=dispute.amount,
            now=context.now,
        )


def _when(dispute: DisputeSnapshot, category: str) -> datetime | None:
    return next((one.created_at for one in dispute.balances if one.category == category), None)


def _lost_at(session: Session, dispute: DisputeSnapshot, context: Context) -> datetime | None:
    """Return when a dispute was lost, as is known since it first looked so.

    That is when Stripe reported it, else when the answer was due.
    """
    if dispute.status != DisputeStatus.lost:
        return None
    known = session.scalar(sa.select(Dispute.lost_at).where(Dispute.stripe_dispute_id == dispute.id))
    if known:
        return known
    reported = find_last_change_at(session, dispute.id)
    return reported or min(dispute.evidence_due_at or dispute.created_at, context.now)
