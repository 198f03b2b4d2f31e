"""Credit notes as PDF, on the same page as the receipts they answer."""

from dataclasses import dataclass
from datetime import date

from app.kernel.formatting import format_day
from app.receipts.document import Document, details, frame
from app.receipts.drawing import Printed, draw, texts
from app.receipts.labels import belongs_to, credit_note_labels, refuse_undrawable
from app.receipts.printable import clean


@dataclass(frozen=True, kw_only=True)
class CreditNoteDocument(Document):
    """All that one credit note prints; `purpose` is that of the payment it answers."""

    refunded_on: date
    receipt_number: str
    paid_on: date
    refund_reference: str


def render_credit_note(document: CreditNoteDocument) -> bytes:
    """Draw a credit note as PDF; the same document always gives the same bytes.

    Raises: ReceiptNotDrawn: the newsroom's words cannot be drawn. ValueError: no catalogue in
        the document's language, or a negative amount. RuntimeError: see `draw`.
    """
    refuse_undrawable(document.language)
    return draw(
        lambda name: _printed(document, name), name=document.supporter_name, issued_on=document.issued_on
    )


def _printed(document: CreditNoteDocument, name: str | None) -> Printed:
    language, labels = document.language, credit_note_labels(document.language)
    receipt_number, paid_on = clean(document.receipt_number), format_day(document.paid_on, language)
    means, reference = document.receipt_number, document.refund_reference
    return {
        **frame(document, labels),
        "on": format_day(document.refunded_on, language),
        "details": details(document, labels, name, means=means, reference=reference),
        "aftermath": [],
        "wordings": texts(belongs_to(language, receipt=receipt_number, date=paid_on)),
    }
