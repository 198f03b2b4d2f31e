"""After Stripe's page: what was given, and what happens next; nothing of who gave it."""

import re

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.links import LinkKind, sign_link
from app.flows.receipts import receipt_link
from app.flows.thanks import Outcome, ThanksPicture, look_at_checkout
from app.web.languages import current_language, speak
from app.web.reader.offer import gift_in_words
from app.web.reader.waiting import look_again, read_look

SESSION_ID = re.compile(r"[A-Za-z0-9_]{1,255}")


def show_thanks() -> ResponseReturnValue:
    """Tell the truth about a Checkout session at once: paid, on its way, or not paid."""
    session_id = request.args.get("session_id", "")
    possible = SESSION_ID.fullmatch(session_id)
    picture = look_at_checkout(parts(), session_id) if possible else None
    if picture is None:
        abort(404)
    speak(picture.language)
    page = render_template(
        "reader/thanks.html",
        picture=picture,
        gift=gift_in_words(picture.amount, picture.interval, current_language()),
        receipt_address=receipt_link(parts(), picture.receipt_id) if picture.receipt_id else None,
        credit_notes=[(number, receipt_link(parts(), key)) for key, number in picture.credit_notes],
        mend_address=_mend_address(picture),
        afresh_address=_afresh_address(picture),
        again_address=url_for("reader.show_thanks", session_id=session_id),
    )
    response = Response(page, headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    if picture.outcome is not Outcome.processing:
        return response
    look = read_look(request.args.get("look", "")) or 1
    address = url_for("reader.show_thanks", session_id=session_id, look=look + 1)
    return look_again(response, look=look, address=address)


def _mend_address(picture: ThanksPicture) -> str | None:
    """Return the page that takes another way to pay for what was refused and still stands at Stripe."""
    return sign_link(parts(), LinkKind.mend, picture.subscription_id) if picture.subscription_id else None


def _afresh_address(picture: ThanksPicture) -> str:
    """Return the form, filled in as it was sent."""
    return url_for(
        "reader.show_form",
        amount=(picture.amount - picture.fees).plain(),
        currency=picture.amount.currency,
        interval=picture.interval.value,
        lang=current_language(),
    )
