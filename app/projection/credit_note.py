"""What answers a refund: a credit note once the money has left, and a note where it came back."""

import json

from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.kernel.clock import local_date
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.context import Context
from app.projection.receipt import issuer
from app.receipts.credit_notes import CreditNoteFacts, issue_credit_note
from app.receipts.models import CreditNote, NoteKind, Receipt
from app.receipts.notes import add_note
from app.receipts.numbers import Numbering
from app.receipts.queries import find_receipt_of
from app.stripe_gateway.snapshots import BalanceSnapshot, RefundSnapshot


def answer_refund(session: Session, refund: RefundSnapshot, payment: Payment, context: Context) -> None:
    """Issue a refund's credit note and queue its mail, each once; note on the receipt that it failed.

    A refund that failed was answered before, or is answered now: its number stands either way.
    """
    receipt = find_receipt_of(session, payment.id)
    if receipt is None or refund.balance is None:
        return
    facts = _facts(refund, refund.balance, receipt, context)
    numbering = Numbering(kept=refund.note_number, fills_holes=context.restoring)
    issued = issue_credit_note(session, facts, numbering=numbering, now=context.now)
    if issued and context.may_mail(refund.balance.created_at):
        _queue(session, issued, context)
    if refund.failure_balance:
        add_note(
            session,
            NoteKind.refund_failed,
            receipt_id=receipt.id,
            stripe_object_id=refund.id,
            noted_on=local_date(refund.failure_balance.created_at, context.newsroom.zone),
            amount=refund.amount,
            now=context.now,
        )


def _facts(
    refund: RefundSnapshot, gone: BalanceSnapshot, receipt: Receipt, context: Context
) -> CreditNoteFacts:
    return CreditNoteFacts(
        stripe_refund_id=refund.id,
        receipt_id=receipt.id,
        member_id=receipt.member_id,
        refunded_on=local_date(gone.created_at, context.newsroom.zone),
        language=receipt.language,
        amount=refund.amount,
        legal_entity=receipt.legal_entity,
        wording=_wording(receipt, context),
        sealed_name=receipt.sealed_name,
    )


def _wording(receipt: Receipt, context: Context) -> dict[str, object]:
    """Return who gives the money back, as on the day; another entity than today's as its receipt has it."""
    today = issuer(context.newsroom)
    if receipt.legal_entity == context.newsroom.legal_entity.key:
        return today
    then = json.loads(receipt.wording)
    return {name: then[name] for name in today}


def _queue(session: Session, note: CreditNote, context: Context) -> None:
    mail = Mail(
        kind=MailKind.credit_note,
        dedupe_key=f"credit-note-{note.id}",
        member_id=note.member_id,
        receipt_id=note.receipt_id,
        about_id=str(note.id),
        language=note.language,
    )
    enqueue(session, mail, now=context.now)
