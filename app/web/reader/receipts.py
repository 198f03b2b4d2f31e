"""Receipts by their signed link."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.receipts import ReceiptLinkExpired, open_receipt, send_receipt_again
from app.kernel.clock import utc_now

PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def show_receipt(token: str) -> ResponseReturnValue:
    """Hand out the PDF, or offer to mail it where the link is old."""
    found = open_receipt(parts(), token)
    if isinstance(found, ReceiptLinkExpired):
        return Response(render_template("reader/receipt_expired.html", token=token), 410, headers=PRIVATE)
    attachment = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return Response(found.pdf, headers=PRIVATE | attachment, content_type="application/pdf")


def send_again(token: str) -> ResponseReturnValue:
    """Mail the receipt to the address on record, and to no other."""
    send_receipt_again(parts(), token, now=utc_now())
    return Response(render_template("reader/receipt_sent.html"), headers=PRIVATE)
