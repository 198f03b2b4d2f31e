"""Receipts as PDF, with what became of the payment."""

from dataclasses import dataclass
from datetime import date

from app.kernel.formatting import format_day
from app.receipts.document import Document, details, frame
from app.receipts.drawing import Printed, ReceiptNotDrawn, draw, text, texts
from app.receipts.labels import receipt_labels, refuse_undrawable
from app.receipts.words import format_amount

__all__ = ["Aftermath", "ReceiptDocument", "ReceiptNotDrawn", "render_receipt"]


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """One thing that became of a payment after its receipt was given."""

    words: str
    on: date
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ReceiptDocument(Document):
    """All that one receipt prints."""

    paid_on: date
    tax_wording: str
    goods_wording: str
    payment_method: str | None
    payment_reference: str
    aftermath: tuple[Aftermath, ...] = ()
    """Oldest first; nothing of it changes what the receipt itself says."""


def render_receipt(document: ReceiptDocument) -> bytes:
    """Draw a receipt as PDF; the same document always gives the same bytes.

    Raises: ReceiptNotDrawn: the newsroom's words cannot be drawn. ValueError: no catalogue in
        the document's language, or a negative amount. RuntimeError: see `draw`.
    """
    refuse_undrawable(document.language)
    return draw(
        lambda name: _printed(document, name), name=document.supporter_name, issued_on=document.issued_on
    )


def _printed(document: ReceiptDocument, name: str | None) -> Printed:
    language, labels = document.language, receipt_labels(document.language)
    means, reference = document.payment_method or "", document.payment_reference
    return {
        **frame(document, labels),
        "on": format_day(document.paid_on, language),
        "details": details(document, labels, name, means=means, reference=reference),
        "aftermath": [_aftermath(one, language) for one in document.aftermath],
        "wordings": texts(*document.tax_wording.splitlines(), document.goods_wording),
    }


def _aftermath(one: Aftermath, language: str) -> dict[str, object]:
    return {
        "words": text(one.words),
        "on": format_day(one.on, language),
        "amount": format_amount(one.amount_minor, one.currency, language),
    }
