"""Receipts and credit notes drawn as PDF, for their owner, for staff, and to go with a mail."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.billing.rows import find_refund
from app.db import reading
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.kernel.errors import SmallFavorError
from app.members.models import Member
from app.receipts.credit_note_pdf import CreditNoteDocument, render_credit_note
from app.receipts.labels import became, drawn_in, given_back
from app.receipts.models import CreditNote, Receipt
from app.receipts.pdf import Aftermath, ReceiptDocument, render_receipt
from app.receipts.queries import list_credit_notes, list_notes
from app.receipts.wording import method_in_words, purpose_of


class ReceiptUnknown(SmallFavorError):
    """No receipt and no credit note has this id, or the link to it is altered."""


@dataclass(frozen=True, kw_only=True)
class ReceiptFile:
    """A receipt or credit note as it is handed out."""

    number: str
    pdf: bytes
    kind: str
    """`receipt` or `credit-note`."""

    @property
    def file_name(self) -> str:
        """The name under which it is saved."""
        return f"{self.kind}-{self.number}.pdf"


def draw_receipt(parts: Parts, receipt_id: UUID) -> ReceiptFile:
    """Return a receipt's PDF, with what became of its payment. Raises: ReceiptUnknown."""
    with reading(parts.sessions) as session:
        receipt = session.get(Receipt, receipt_id)
        if receipt is None:
            raise ReceiptUnknown(str(receipt_id))
        document = _receipt_document(session, receipt, parts)
    return ReceiptFile(number=document.number, pdf=render_receipt(document), kind="receipt")


def draw_credit_note(parts: Parts, credit_note_id: UUID) -> ReceiptFile:
    """Return a credit note's PDF. Raises: ReceiptUnknown."""
    with reading(parts.sessions) as session:
        note = session.get(CreditNote, credit_note_id)
        if note is None:
            raise ReceiptUnknown(str(credit_note_id))
        document = _credit_note_document(session, note, parts)
    return ReceiptFile(number=document.number, pdf=render_credit_note(document), kind="credit-note")


def _receipt_document(session: Session, receipt: Receipt, parts: Parts) -> ReceiptDocument:
    payment = session.get_one(Payment, receipt.payment_id)
    wording = json.loads(receipt.wording)
    return ReceiptDocument(
        **_common(session, receipt, parts),
        paid_on=receipt.paid_on,
        tax_wording=wording["tax_wording"],
        goods_wording=wording["goods_wording"],
        purpose=purpose_of(receipt, receipt.language),
        payment_method=method_in_words(receipt.payment_method, receipt.language),
        payment_reference=str(payment.id),
        aftermath=_aftermath(session, receipt),
    )


def _credit_note_document(session: Session, note: CreditNote, parts: Parts) -> CreditNoteDocument:
    receipt = session.get_one(Receipt, note.receipt_id)
    refund = find_refund(session, note.stripe_refund_id)
    return CreditNoteDocument(
        **_common(session, note, parts),
        refunded_on=note.refunded_on,
        purpose=purpose_of(receipt, receipt.language),
        receipt_number=receipt.number,
        paid_on=receipt.paid_on,
        refund_reference=str(refund.id) if refund else "",
    )


def _common(session: Session, numbered: Receipt | CreditNote, parts: Parts) -> dict[str, Any]:
    member = session.get_one(Member, numbered.member_id)
    wording = json.loads(numbered.wording)
    return {
        "number": numbered.number,
        "issued_on": local_date(numbered.created_at, parts.newsroom.zone),
        "language": drawn_in(numbered.language),
        "entity_name": wording["entity_name"],
        "entity_address": tuple(wording["entity_address"]),
        "entity_registration": wording["entity_registration"],
        "newsroom_name": wording["newsroom_name"],
        "supporter_name": parts.vault.unseal_for_person(session, member.person_id, numbered.sealed_name),
        "supporter_code": member.code,
        "amount_minor": numbered.amount_minor,
        "currency": numbered.currency,
    }


def _aftermath(session: Session, receipt: Receipt) -> tuple[Aftermath, ...]:
    language = drawn_in(receipt.language)
    refunded = [
        Aftermath(
            words=given_back(language, number=note.number),
            on=note.refunded_on,
            amount_minor=note.amount_minor,
            currency=note.currency,
        )
        for note in list_credit_notes(session, [receipt.id])
    ]
    noted = [
        Aftermath(
            words=became(language, note.kind),
            on=note.noted_on,
            amount_minor=note.amount_minor,
            currency=note.currency,
        )
        for note in list_notes(session, [receipt.id])
    ]
    return tuple(sorted((*refunded, *noted), key=lambda one: one.on))
