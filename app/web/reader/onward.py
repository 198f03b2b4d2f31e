"""Where a reader goes once a pledge has, or has not yet, its page at Stripe."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from app.flows.give import AlreadyCompleted, CheckoutReady, CheckoutUncertain, Opening

FIRST_LOOK = 1


def onward(opening: Opening) -> Response:
    """Return the redirect to Stripe, to the waiting page, or to the thanks."""
    match opening:
        case CheckoutReady(url=url):
            return redirect(url, 303)
        case CheckoutUncertain(resume_key=key):
            return redirect(url_for("reader.show_pledge", resume_key=key, checking=FIRST_LOOK), 303)
        case AlreadyCompleted(session_id=session_id):
            return redirect(url_for("reader.show_thanks", session_id=session_id), 303)
