"""Metadata: merged key by key, a key unset by an empty value, all unset by an empty hash."""

from typing import Any

from app.simulator.engine.errors import invalid

Json = dict[str, Any]
KEYS = 50
KEY_LENGTH = 40
VALUE_LENGTH = 500


def merged(before: dict[str, str] | None, given: Any) -> dict[str, str]:
    """Metadata after a request. Raises: StripeError: too many keys, or too long ones."""
    if given is None:
        return dict(before or {})
    if given == "":
        return {}
    for key, value in given.items():
        _check(key, value)
    joined = {**(before or {}), **given}
    kept = {key: value for key, value in joined.items() if value != ""}
    if len(kept) > KEYS:
        raise invalid(f"Metadata can have at most {KEYS} keys.", param="metadata")
    return kept


def _check(key: str, value: str) -> None:
    if len(key) > KEY_LENGTH:
        raise invalid(
            f"Invalid metadata key: keys can be at most {KEY_LENGTH} characters.", param=f"metadata[{key}]"
        )
    if len(value) > VALUE_LENGTH:
        raise invalid(
            f"Metadata values can have up to {VALUE_LENGTH} characters, but you passed in a value that is "
            f"{len(value)} characters.",
            param=f"metadata[{key}]",
        )
