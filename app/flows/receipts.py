"""Receipts and credit notes fetched again by their owner: through a signed link, or by mail."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app.db import reading, transaction
from app.flows.draw import ReceiptFile, ReceiptUnknown, draw_credit_note, draw_receipt
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.receipts.models import CreditNote, Receipt

LINK_DAYS = 30
_SECONDS_A_DAY = 86_400
_SALT = "receipt link"


@dataclass(frozen=True, kw_only=True)
class ReceiptLinkExpired:
    """The link is true but old: the document is sent again to the address on record only."""

    document_id: UUID
    is_receipt: bool
    """Whether it is a receipt, and not a credit note."""


def receipt_link(parts: Parts, document_id: UUID) -> str:
    """Return an address that opens this receipt or credit note for 30 days, for its owner's eyes."""
    token = _serializer(parts).dumps(document_id.hex)
    return f"{parts.public_base_url}/receipts/{token}"


def open_receipt(parts: Parts, token: str) -> ReceiptFile | ReceiptLinkExpired:
    """Return the receipt or credit note that a link opens. Raises: ReceiptUnknown."""
    try:
        document_id = UUID(hex=_serializer(parts).loads(token, max_age=LINK_DAYS * _SECONDS_A_DAY))
    except SignatureExpired:
        expired_id = _read_any_age(parts, token)
        return ReceiptLinkExpired(document_id=expired_id, is_receipt=_is_receipt(parts, expired_id))
    except (BadSignature, ValueError):
        raise ReceiptUnknown from None
    is_receipt = _is_receipt(parts, document_id)
    return draw_receipt(parts, document_id) if is_receipt else draw_credit_note(parts, document_id)


def send_receipt_again(parts: Parts, token: str, *, now: datetime) -> MailKind:
    """Queue the document to the address on record, at most once a day; returns which mail that is.

    Raises: ReceiptUnknown.
    """
    document_id = _read_any_age(parts, token)
    with transaction(parts.sessions) as session:
        mail = _mail_again(session, document_id, day=local_date(now, parts.newsroom.zone))
        enqueue(session, mail, now=now)
    return mail.kind


def _is_receipt(parts: Parts, document_id: UUID) -> bool:
    with reading(parts.sessions) as session:
        return session.get(Receipt, document_id) is not None


def _mail_again(session: Session, document_id: UUID, *, day: date) -> Mail:
    receipt, note = session.get(Receipt, document_id), session.get(CreditNote, document_id)
    if receipt:
        return Mail(
            kind=MailKind.receipt_again,
            dedupe_key=f"receipt-again-{receipt.id}-{day}",
            member_id=receipt.member_id,
            receipt_id=receipt.id,
            language=receipt.language,
        )
    if note:
        return Mail(
            kind=MailKind.credit_note,
            dedupe_key=f"credit-note-again-{note.id}-{day}",
            member_id=note.member_id,
            receipt_id=note.receipt_id,
            about_id=str(note.id),
            language=note.language,
        )
    raise ReceiptUnknown(str(document_id))


def _read_any_age(parts: Parts, token: str) -> UUID:
    try:
        return UUID(hex=_serializer(parts).loads(token))
    except (BadSignature, ValueError):
        raise ReceiptUnknown from None


def _serializer(parts: Parts) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts.signers, salt=_SALT)
