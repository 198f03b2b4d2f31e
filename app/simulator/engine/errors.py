"""Errors in Stripe's shapes."""

from typing import Any

Json = dict[str, Any]


class StripeError(Exception):
    """A refusal the API answers with.

    Attributes: status (HTTP), error (the `error` hash), commits: whether what was done
    before the refusal stays, as a declined charge does; headers: those of the answer.
    """

    def __init__(self, status: int, error: Json, *, commits: bool = False) -> None:
        super().__init__(error["message"])
        self.status = status
        self.error = {key: value for key, value in error.items() if value is not None}
        self.commits = commits
        self.headers: dict[str, str] = {}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """An `invalid_request_error`, 400."""
    return StripeError(400, _error("invalid_request_error", message, param=param, code=code))


def missing_param(param: str) -> StripeError:
    """A required parameter was left out."""
    return invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")


def no_such(kind: str, object_id: str, *, param: str = "id") -> StripeError:
    """The object does not exist, 404."""
    noun = (
        kind.rsplit(".", maxsplit=1)[-1].replace("_", " ") if kind != "payment_intent" else "payment_intent"
    )
    nouns = {"invoiceitem": "invoiceitem", "payment_method": "PaymentMethod", "setup_intent": "setupintent"}
    message = f"No such {nouns.get(kind, noun)}: '{object_id}'"
    return StripeError(404, _error("invalid_request_error", message, param=param, code="resource_missing"))


def card_error(message: str, *, code: str, decline_code: str | None, extra: Json) -> StripeError:
    """A declined card, 402; what led to it stays on record."""
    error = _error("card_error", message, code=code)
    return StripeError(402, {**error, "decline_code": decline_code, **extra}, commits=True)


def unauthorized(message: str, *, code: str | None = None) -> StripeError:
    """No key, or not a test key, 401."""
    return StripeError(401, _error("invalid_request_error", message, code=code))


def unrecognized_url(method: str, path: str) -> StripeError:
    """No such route at Stripe, 404."""
    message = (
        f"Unrecognized request URL ({method}: {path}). Please see https://docs.stripe.com or we can help at "
        "https://support.stripe.com/."
    )
    return StripeError(404, {"type": "invalid_request_error", "message": message})


def not_covered(method: str, path: str) -> StripeError:
    """A route of Stripe's that the simulator does not have, 501."""
    message = f"The local Stripe does not cover {method} {path}. Stripe itself does."
    return StripeError(501, _error("api_error", message, code="not_implemented_by_simulator"))


def key_reused(message: str) -> StripeError:
    """An idempotency key used again for something else, 400."""
    return StripeError(400, {"type": "idempotency_error", "message": message})


def key_in_use(key: str) -> StripeError:
    """The same idempotency key is still being worked on, 409."""
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you "
        f"submitted twice, and the other request is still going through): {key}. Please try again later."
    )
    return StripeError(
        409, {"type": "idempotency_error", "message": message, "code": "idempotency_key_in_use"}
    )


def _error(kind: str, message: str, *, code: str | None = None, param: str | None = None) -> Json:
    url = f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}" if code else None
    return {"type": kind, "message": message, "code": code, "param": param, "doc_url": url}
