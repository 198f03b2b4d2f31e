"""Stripe's words for parameters it does not take, from pydantic's errors."""

from collections.abc import Sequence
from typing import Any

Refusal = tuple[str, str, str | None]


def refusal(errors: Sequence[Any], params: dict[str, Any]) -> Refusal:
    """Choose the error Stripe would speak of first, as (message, param, code)."""
    unknown = [error for error in errors if error["type"] == "extra_forbidden"]
    if unknown:
        return _unknown([param_name(error["loc"], params) for error in unknown])
    missing = [error for error in errors if error["type"] == "missing"]
    error = missing[0] if missing else errors[0]
    param = param_name(error["loc"], params)
    if missing:
        return f"Missing required param: {param}.", param, "parameter_missing"
    return _wrong(error, param)


def param_name(loc: tuple[int | str, ...], params: Any) -> str:
    """Spell a place as Stripe does: `line_items[0][price]`.

    Pydantic adds the tried branch of a union to the place; whatever is not in the
    request itself is left out.
    """
    parts: list[str] = []
    here = params
    for number, step in enumerate(loc):
        is_last = number == len(loc) - 1
        if isinstance(here, dict) and (step in here or is_last):
            here = here.get(step) if isinstance(step, str) else None
            parts.append(str(step))
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step] if step < len(here) else None
            parts.append(str(step))
    return parts[0] + "".join(f"[{part}]" for part in parts[1:]) if parts else ""


def _unknown(names: list[str]) -> Refusal:
    plural = "s" if len(names) > 1 else ""
    return f"Received unknown parameter{plural}: {', '.join(names)}", names[0], "parameter_unknown"


def _wrong(error: Any, param: str) -> Refusal:
    given = error["input"]
    kind = error["type"]
    if kind == "value_error":
        return _wrong_value(str(error["ctx"]["error"]), given, param)
    if kind == "literal_error":
        return _wrong_choice(error["ctx"]["expected"], param)
    if kind in {"dict_type", "typed_dict_type"}:
        return "Invalid object", param, None
    if kind == "list_type":
        return "Invalid array", param, None
    if kind.startswith("decimal"):
        return f"Invalid decimal: {given}", param, "parameter_invalid_decimal"
    return f"Invalid {param}", param, None


def _wrong_value(why: str, given: object, param: str) -> Refusal:
    if why == "empty":
        message = (
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{param}' cannot be unset. You should remove '{param}' from your request "
            "or supply a non-empty value."
        )
        return message, param, "parameter_invalid_empty"
    if why == "integer":
        return f"Invalid integer: {given}", param, "parameter_invalid_integer"
    return f"Invalid {why}: {_said(given)}", param, None


def _said(given: object) -> str:
    return "{...}" if isinstance(given, (dict, list)) else str(given)


def _wrong_choice(expected: str, param: str) -> Refusal:
    values = expected.replace("'", "").replace(" or ", ", ").split(", ")
    last = f"{', '.join(values[:-1])}, or {values[-1]}" if len(values) > 2 else " or ".join(values)
    return f"Invalid {param}: must be one of {last}", param, None
