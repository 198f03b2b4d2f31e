"""Maps what went wrong to an answer, in one place: a page for readers, JSON for machines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import NoMoreData, ParseException
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from app.flows.draw import ReceiptUnknown
from app.flows.give import ContactForgotten
from app.flows.links import LinkUnknown
from app.giving.pledges import OpeningLost, PledgeUnknown
from app.kernel.errors import BadInput
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable
from app.web.languages import translate as _

_log = structlog.get_logger()

RETRY_AFTER_SECONDS = 60
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
GARBLED = (ParseException, NoMoreData)
"""What gunicorn raises where a body is read that is cut up wrongly, or ends too soon."""
MACHINES = ("/webhooks/", "/api/", "/healthz", "/readyz", "/metrics")
STATUSES: dict[type[Exception], int] = {
    BadInput: 400,
    PledgeUnknown: 404,
    ReceiptUnknown: 404,
    LinkUnknown: 404,
    ContactForgotten: 410,
    StripeRefused: 502,
    StripeUnavailable: 503,
    OpeningLost: 503,
    **dict.fromkeys(DATABASE_AWAY, 503),
    **dict.fromkeys(GARBLED, 400),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an error page says: what happened, and the next step."""

    heading: str
    text: str


def init_app(app: Flask) -> None:
    """Answer every error in the reader's language, without a trace of our insides.

    Flask's own log of failures is silenced: it prints messages and values, and those may hold a person.
    """
    app.logger.disabled = True
    app.register_error_handler(HTTPException, _answer_http)
    for error, status in STATUSES.items():
        app.register_error_handler(error, _answer_with(status))


def _answer_with(status: int) -> Callable[[Exception], Response]:
    def answer(error: Exception) -> Response:
        if status >= 500:
            _log.error("request failed", endpoint=request.endpoint, status=status, exc_info=error)
        return _answer(status)

    return answer


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return cast("Response", error)
    if isinstance(error, InternalServerError):
        cause = error.original_exception or error
        _log.error("request failed", endpoint=request.endpoint, status=error.code, exc_info=cause)
    response = _answer(error.code)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _answer(status: int) -> Response:
    if request.path.startswith(MACHINES):
        response = jsonify(error=_words_for_machines(status))
    else:
        response = Response(render_template("errors/error.html", status=status, words=_words(status)))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _words_for_machines(status: int) -> str:
    return Response(status=status).status.partition(" ")[2].lower()


def _words(status: int) -> Words:
    known = {
        400: Words(
            heading=_("We could not read that"),
            text=_("Something in the address or the form was garbled on its way. Please start afresh."),
        ),
        403: Words(
            heading=_("This page is not open to you"),
            text=_("If you think it should be, write to us, and we will look into it."),
        ),
        404: Words(
            heading=_("There is nothing at this address"),
            text=_(
                "The link may be cut short or out of date. "
                "If it came in a mail from us, try copying the whole of it."
            ),
        ),
        405: Words(
            heading=_("This page is not opened that way"),
            text=_("It answers to a button on one of our pages. Please go back and press it there."),
        ),
        410: Words(
            heading=_("This link has run out"),
            text=_("We keep what you type only for a short while. The form takes a minute to fill in again."),
        ),
        413: Words(
            heading=_("That was too much at once"),
            text=_("What was sent is larger than we take. Please shorten it and send it again."),
        ),
        429: Words(
            heading=_("A moment, please"),
            text=_("Too many requests came from your network. Please wait a minute and try again."),
        ),
        502: Words(
            heading=_("Our payment service did not accept this"),
            text=_("You were not charged twice. Please fill in the form again, or write to us."),
        ),
        503: Words(
            heading=_("We are away for a moment"),
            text=_(
                "Please try again in a minute. "
                "If you have paid already, your payment is safe, and you will not be charged twice."
            ),
        ),
    }
    failed = Words(
        heading=_("Something broke on our side"),
        text=_(
            "It is our fault, and it has been written down for us to mend. "
            "If you have paid already, your payment is safe, and you will not be charged twice."
        ),
    )
    return known.get(status) or (failed if status >= 500 else known[400])
