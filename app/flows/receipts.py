"""Receipts fetched again: by their owner through a signed link, by staff, or by mail."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.db import reading, transaction
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.kernel.errors import SmallFavorError
from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.receipts.labels import drawn_in
from app.receipts.models import Receipt
from app.receipts.pdf import ReceiptDocument, render_receipt
from app.receipts.wording import method_in_words, purpose

LINK_DAYS = 30
_SECONDS_A_DAY = 86_400
_SALT = "receipt link"


class ReceiptUnknown(SmallFavorError):
    """No receipt belongs to this link: it is altered, or not ours."""


@dataclass(frozen=True, kw_only=True)
class ReceiptFile:
    """A receipt as it is handed out."""

    number: str
    pdf: bytes

    @property
    def file_name(self) -> str:
        """The name under which it is saved."""
        return f"receipt-{self.number}.pdf"


@dataclass(frozen=True, kw_only=True)
class ReceiptLinkExpired:
    """The link is true but old: the receipt is sent again to the address on record only."""

    receipt_id: UUID


def receipt_link(parts: Parts, receipt_id: UUID) -> str:
    """Return an address that opens this receipt for 30 days, for its owner's eyes."""
    token = _serializer(parts).dumps(receipt_id.hex)
    return f"{parts.public_base_url}/receipts/{token}"


def open_receipt(parts: Parts, token: str) -> ReceiptFile | ReceiptLinkExpired:
    """Return the receipt that a link opens. Raises: ReceiptUnknown."""
    try:
        receipt_id = UUID(hex=_serializer(parts).loads(token, max_age=LINK_DAYS * _SECONDS_A_DAY))
    except SignatureExpired:
        return ReceiptLinkExpired(receipt_id=_read_any_age(parts, token))
    except (BadSignature, ValueError):
        raise ReceiptUnknown from None
    return draw_receipt(parts, receipt_id)


def send_receipt_again(parts: Parts, token: str, *, now: datetime) -> None:
    """Queue the receipt to the address on record, at most once a day. Raises: ReceiptUnknown."""
    receipt_id = _read_any_age(parts, token)
    with transaction(parts.sessions) as session:
        receipt = _get_receipt(session, receipt_id)
        day = local_date(now, parts.newsroom.zone)
        mail = Mail(
            kind=MailKind.receipt_again,
            dedupe_key=f"receipt-again-{receipt.id}-{day}",
            member_id=receipt.member_id,
            receipt_id=receipt.id,
            language=receipt.language,
        )
        enqueue(session, mail, now=now)


def draw_receipt(parts: Parts, receipt_id: UUID) -> ReceiptFile:
    """Return a receipt's PDF, for its owner or for staff. Raises: ReceiptUnknown."""
    with reading(parts.sessions) as session:
        receipt = _get_receipt(session, receipt_id)
        document = _document(session, receipt, parts)
    return ReceiptFile(number=document.number, pdf=render_receipt(document))


def _get_receipt(session: Session, receipt_id: UUID) -> Receipt:
    receipt = session.get(Receipt, receipt_id)
    if receipt is None:
        raise ReceiptUnknown(str(receipt_id))
    return receipt


def _document(session: Session, receipt: Receipt, parts: Parts) -> ReceiptDocument:
    member = session.get_one(Member, receipt.member_id)
    payment = session.get_one(Payment, receipt.payment_id)
    wording = json.loads(receipt.wording)
    return ReceiptDocument(
        number=receipt.number,
        issued_on=local_date(receipt.created_at, parts.newsroom.zone),
        paid_on=receipt.paid_on,
        language=drawn_in(receipt.language),
        entity_name=wording["entity_name"],
        entity_address=tuple(wording["entity_address"]),
        entity_registration=wording["entity_registration"],
        newsroom_name=wording["newsroom_name"],
        tax_wording=wording["tax_wording"],
        goods_wording=wording["goods_wording"],
        supporter_name=parts.vault.unseal_for_person(session, member.person_id, receipt.sealed_name),
        supporter_code=member.code,
        amount_minor=receipt.amount_minor,
        currency=receipt.currency,
        purpose=purpose(receipt.interval, receipt.period_start_on, receipt.period_end_on, receipt.language),
        payment_method=method_in_words(receipt.payment_method, receipt.language),
        payment_reference=str(payment.id),
    )


def _read_any_age(parts: Parts, token: str) -> UUID:
    try:
        return UUID(hex=_serializer(parts).loads(token))
    except (BadSignature, ValueError):
        raise ReceiptUnknown from None


def _serializer(parts: Parts) -> URLSafeTimedSerializer:
    """Return the signer of links; itsdangerous wants the signing key last."""
    return URLSafeTimedSerializer(list(reversed(parts.signing_keys)), salt=_SALT)
