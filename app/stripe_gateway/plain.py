"""Stripe's answers as parsed, read like its objects: for long lists, of which we read a few fields only.

Building the package's objects of a page, each field of each part, takes three quarters of the time of a
whole comparison.
"""

from typing import Any, cast

from app.stripe_gateway.calls import StripeCalls


class Plain:
    """One JSON object, its fields as attributes; parts are wrapped when they are looked at."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        try:
            return _shown(self._fields[name])
        except KeyError:
            raise AttributeError(name) from None


def fetch_plain(calls: StripeCalls, path: str, params: dict[str, Any]) -> Any:
    """Ask Stripe by GET; returns the answer as a Plain. Raises: StripeUnavailable, StripeRefused."""
    answer = calls.call(lambda client: client.raw_request("get", path, **params))
    return Plain(cast("dict[str, Any]", answer.data))


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return Plain(value)
    return [_shown(item) for item in value] if isinstance(value, list) else value
