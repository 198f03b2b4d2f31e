"""Receipts by their signed link."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.receipts import ReceiptLinkExpired, open_receipt, send_receipt_again
from app.kernel.clock import utc_now
from app.outbox.models import MailKind
from app.web.reader.private import PRIVATE


def show_receipt(token: str) -> ResponseReturnValue:
    """Hand out the PDF, or offer to mail it where the link is old."""
    found = open_receipt(parts(), token)
    if isinstance(found, ReceiptLinkExpired):
        page = render_template("reader/receipt_expired.html", token=token, is_receipt=found.is_receipt)
        return Response(page, 410, headers=PRIVATE)
    attachment = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return Response(found.pdf, headers=PRIVATE | attachment, content_type="application/pdf")


def send_again(token: str) -> ResponseReturnValue:
    """Mail the receipt or credit note to the address on record, and to no other."""
    kind = send_receipt_again(parts(), token, now=utc_now())
    page = render_template("reader/receipt_sent.html", is_receipt=kind is MailKind.receipt_again)
    return Response(page, headers=PRIVATE)
