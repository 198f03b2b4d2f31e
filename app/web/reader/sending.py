"""Sends what was promised on to Stripe, or says why it did not go and what to do."""

from collections.abc import Callable

import structlog
from flask import Response
from flask.typing import ResponseReturnValue

from app.flows.give import Opening
from app.stripe_gateway.errors import StripeRefused
from app.web.errors import DATABASE_AWAY, RETRY_AFTER_SECONDS
from app.web.languages import translate as _
from app.web.reader.onward import onward

_log = structlog.get_logger()

READERS_TO_MEND = frozenset({"amount_too_small", "amount_too_large", "email_invalid"})
"""Stripe's refusals that another amount or address would mend; the others are ours."""
DrawAgain = Callable[[str, bool], str]
"""Draws the form with a notice; True where it needs a new nonce."""


def send_on(pledge: Callable[[], Opening], draw: DrawAgain) -> ResponseReturnValue:
    """Lead to Stripe's page for what was agreed, or bring the form back with what to do."""
    try:
        return onward(pledge())
    except StripeRefused as refused:
        return _refused(refused.code, draw)
    except DATABASE_AWAY as away:
        _log.error("could not store a pledge", exc_info=away)
        notice = _(
            "We could not keep your form just now. Nothing was charged. "
            "All you typed is here: please send it again in a minute."
        )
        response = again(draw(notice, False), 503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response


def again(page: str, status: int) -> Response:
    """Return the form with a person's words on it: no cache may keep them."""
    return Response(page, status, headers={"Cache-Control": "no-store"})


def _refused(code: str, draw: DrawAgain) -> Response:
    """Return the form under a new nonce: under the old one Stripe would repeat its refusal."""
    theirs = code in READERS_TO_MEND
    notice = _(
        "Our payment service, Stripe, did not accept this. Nothing was charged. "
        "Please look at the amount and the e-mail address, or try another currency."
    )
    if not theirs:
        _log.error("stripe refused a checkout", code=code)
        notice = _(
            "Our payment service, Stripe, did not take this, and it is not your doing. Nothing was charged. "
            "Please try again later, or write to us."
        )
    return again(draw(notice, True), 422 if theirs else 502)
