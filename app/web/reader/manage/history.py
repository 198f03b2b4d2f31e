"""What a member has paid, with every receipt and credit note to fetch."""

from typing import Any
from uuid import UUID

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.draw import ReceiptFile
from app.flows.manage.history import Became, Paid, draw_own_credit_note, draw_own_receipt, list_history
from app.kernel.intervals import Interval
from app.receipts.models import NoteKind
from app.receipts.wording import method_in_words
from app.web.languages import current_language
from app.web.languages import translate as _
from app.web.reader.manage.visitor import Visitor, member_page, signed_in

MOST_PAGES = 1000


@signed_in
def show_receipts(visitor: Visitor) -> ResponseReturnValue:
    """Show a page of a member's payments."""
    page = _page_asked_for()
    history = list_history(parts(), visitor.member_id, page=page)
    if page > 1 and not history.payments:
        abort(404)
    return member_page("reader/manage/receipts.html", visitor, history=history, page=page, **history_words())


@signed_in
def fetch_receipt(visitor: Visitor, receipt_id: UUID) -> ResponseReturnValue:
    """Hand out a receipt to the member whose it is; to others there is nothing at this address."""
    return _as_download(draw_own_receipt(parts(), visitor.member_id, receipt_id))


@signed_in
def fetch_credit_note(visitor: Visitor, credit_note_id: UUID) -> ResponseReturnValue:
    """Hand out a credit note likewise."""
    return _as_download(draw_own_credit_note(parts(), visitor.member_id, credit_note_id))


def history_words() -> dict[str, Any]:
    """Return what a template says of payments with."""
    return {"kind_of": _kind, "became_of": _became, "paid_with": _paid_with}


def _kind(paid: Paid) -> str:
    words = {
        Interval.once: _("Given once"),
        Interval.month: _("Monthly support"),
        Interval.year: _("Yearly support"),
    }
    return words[paid.interval]


def _paid_with(paid: Paid) -> str | None:
    return method_in_words(paid.method, current_language())


def _became(became: Became) -> str:
    """Return what happened, in words for whose money it is."""
    if became.kind is None:
        return _("On its way back to you") if became.is_under_way else _("Given back to you")
    words = {
        NoteKind.disputed: _("Your bank took it back"),
        NoteKind.dispute_won: _("Your bank paid it to us again"),
        NoteKind.dispute_lost: _("It stays with you, your bank has decided"),
        NoteKind.debit_returned: _("Your bank returned the debit to you"),
        NoteKind.refund_failed: _("It could not be given back; please write to us"),
    }
    return words[became.kind]


def _page_asked_for() -> int:
    text = request.args.get("page", "1")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 0 < page <= MOST_PAGES:
        abort(404)
    return page


def _as_download(file: ReceiptFile) -> Response:
    response = Response(file.pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{file.file_name}"'
    return response
