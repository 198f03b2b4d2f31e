"""After Stripe's page: what was given, and what happens next; nothing of who gave it."""

import re

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.links import LinkKind, sign_link
from app.flows.receipts import receipt_link
from app.flows.supporter_token import TokenKind, note_from, way_back
from app.flows.thanks import Outcome, ThanksPicture, look_at_checkout
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.web.languages import current_language, speak
from app.web.reader.extras import instead_of_once
from app.web.reader.manage.gifts import given_in_words
from app.web.reader.offer import gift_in_words
from app.web.reader.private import PRIVATE
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
        back_address=_back_address(picture),
        monthly=_monthly(picture),
        given=given_in_words(picture.gift) if picture.gift else None,
        again_address=url_for("reader.show_thanks", session_id=session_id),
    )
    response = Response(page, headers=PRIVATE)
    if picture.outcome is not Outcome.processing:
        return response
    look = read_look(request.args.get("look", "")) or 1
    address = url_for("reader.show_thanks", session_id=session_id, look=look + 1)
    return look_again(response, look=look, address=address)


def _mend_address(picture: ThanksPicture) -> str | None:
    """Return the page that takes another way to pay for what was refused and still stands at Stripe."""
    return sign_link(parts(), LinkKind.mend, picture.subscription_id) if picture.subscription_id else None


def _back_address(picture: ThanksPicture) -> str:
    """Return the newsroom's site, with a note that its appeal need not be shown to who has just given."""
    if picture.outcome is not Outcome.paid:
        return parts().newsroom.website
    recurs = picture.supports or picture.interval is not Interval.once
    today = local_date(utc_now(), parts().newsroom.zone)
    kind = TokenKind.supporter if recurs else TokenKind.gave
    return way_back(parts(), note_from(kind, today, quiet_weeks=parts().newsroom.appeal.quiet_weeks))


def _monthly(picture: ThanksPicture) -> dict[str, str] | None:
    """Return a small monthly amount for who gave once and supports in no other way, and the form with it."""
    if picture.interval is not Interval.once or picture.supports or picture.gift:
        return None
    gift = picture.amount - picture.fees
    instead = instead_of_once(parts().newsroom, gift, current_language())
    if instead is None:
        return None
    address = url_for(
        "reader.show_form",
        interval=Interval.month.value,
        amount=instead.value,
        currency=gift.currency,
        lang=current_language(),
    )
    return {"text": instead.text, "yearly": instead.yearly, "address": address}


def _afresh_address(picture: ThanksPicture) -> str:
    """Return the form, filled in as it was sent."""
    if picture.gift:
        return url_for(
            "reader.show_gift_form",
            months=picture.gift.months,
            currency=picture.amount.currency,
            lang=current_language(),
        )
    return url_for(
        "reader.show_form",
        amount=(picture.amount - picture.fees).plain(),
        currency=picture.amount.currency,
        interval=picture.interval.value,
        lang=current_language(),
    )
