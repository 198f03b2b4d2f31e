"""`Stripe-Version`: one version is spoken, and requests that name none may still use one older word.

A request without the header runs at Stripe on the account's own version. Stripe's command line
tool is such a client: its fixtures name `payment_method_types`, which endive no longer takes.
So a request of no version is read as one of the version before, and answered in endive's shapes.
"""

from typing import Any

from app.simulator.engine.errors import StripeError, invalid

Json = dict[str, Any]
REMOVED_FROM = {
    ("POST", "/v1/checkout/sessions"),
    ("POST", "/v1/payment_intents"),
    ("POST", "/v1/payment_intents/{intent}"),
    ("POST", "/v1/payment_intents/{intent}/confirm"),
    ("POST", "/v1/setup_intents"),
    ("POST", "/v1/setup_intents/{intent}"),
}
OLD, NEW = "payment_method_types", "allowed_payment_method_types"


def check_version(asked: str | None, spoken: str) -> None:
    """Raises: StripeError: 400, another version is asked for."""
    if asked and asked != spoken:
        raise invalid(f"Invalid Stripe API version: {asked}. The local Stripe speaks {spoken} only.")


def in_todays_words(method: str, path: str, params: Json, *, versioned: bool) -> Json:
    """Parameters with `payment_method_types` under its new name, where no version was asked for.

    Raises: StripeError: 400, as endive answers it, where that version was named.
    """
    if OLD not in params or (method, path) not in REMOVED_FROM:
        return params
    if versioned:
        raise no_longer_supported()
    return {**{name: value for name, value in params.items() if name != OLD}, NEW: params[OLD]}


def no_longer_supported() -> StripeError:
    """The refusal of a parameter that endive removed."""
    return invalid(
        f"The parameter {OLD} is no longer supported in this API version. Use dynamic payment methods, "
        f"excluded_{OLD} or {NEW} instead.",
        param=OLD,
        code=f"{OLD}_no_longer_supported",
    )
