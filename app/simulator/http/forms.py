"""Stripe's form encoding: `items[0][price]=…`, `expand[]=…`, nested to any depth."""

from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from app.simulator.engine.errors import invalid

Json = dict[str, Any]
FREE_KEYS = {"metadata"}
DEEPEST = 20


def parse_form(text: str) -> Json:
    """Decode a query string or body into nested hashes and arrays of strings.

    Raises: StripeError: brackets that do not match, or a key that is both value and hash.
    """
    root: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(root, _steps(name), value, name)
    return {key: _with_arrays(value, key) for key, value in root.items()}


def flatten(params: Any, prefix: str = "") -> list[tuple[str, str]]:
    """The reverse: (name, value) pairs, as a client would send them."""
    if isinstance(params, dict):
        pairs = params.items()
    elif isinstance(params, list):
        pairs = enumerate(params)  # type: ignore[assignment]  # both are pairs of key and value
    else:
        text = str(params).lower() if isinstance(params, bool) else str(params)
        return [(prefix, text)]
    return [
        pair for key, value in pairs for pair in flatten(value, f"{prefix}[{key}]" if prefix else str(key))
    ]


def _steps(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [name]
    if not head or not rest.endswith("]") or "[" in rest.replace("][", ""):
        raise invalid(f"Invalid request: the parameter name {name!r} could not be read.", param=name)
    steps = [head, *rest[:-1].split("][")]
    if len(steps) > DEEPEST:
        raise invalid("Invalid request: parameters are nested too deeply.", param=head)
    return steps


def _put(root: Json, steps: list[str], value: str, name: str) -> None:
    here = root
    for step, following in pairwise(steps):
        key = step or str(len(here))
        if following == "" and key not in here:
            here[key] = {}
        here = here.setdefault(key, {})
        if not isinstance(here, dict):
            raise invalid(f"Invalid request: {name} is given both as a value and as a hash.", param=steps[0])
    last = steps[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise invalid(f"Invalid request: {name} is given both as a value and as a hash.", param=steps[0])
    here[last] = value


def _with_arrays(value: Any, key: str) -> Any:
    if not isinstance(value, dict):
        return value
    if key in FREE_KEYS:
        return dict(value)
    inner = {name: _with_arrays(item, name) for name, item in value.items()}
    if inner and all(name.isascii() and name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
