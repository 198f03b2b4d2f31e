"""Requests held to the parameters the package publishes, refused in Stripe's words.

Each route's `*Params` TypedDict is rebuilt without the package's own request options,
with unknown keys forbidden and open enums closed, and handed to pydantic. Validators
are built when a route is first used.
"""

from functools import cache
from typing import Any

from app.simulator.contract.package import load_module
from app.simulator.contract.routes import package_routes, route_key

Json = dict[str, Any]


class RefusedParams(Exception):
    """Parameters Stripe would refuse, with what it would say.

    Attributes: message, param (`line_items[0][price]`) and code, which may be None.
    """

    def __init__(self, message: str, *, param: str, code: str | None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code


def check_request(method: str, path: str, params: Json) -> list[str]:
    """Check one request against the package.

    Args: path: with holes (`/v1/customers/{customer}`) or with real ids.
    Returns: one sentence per violation; empty when Stripe would take it.
    """
    template = _template_for(method, path)
    if template is None:
        return [f"{method.upper()} {path}: the package has no such route"]
    try:
        read_params(method, template, params)
    except RefusedParams as refused:
        return [f"{method.upper()} {path}: {refused.message}"]
    return []


def read_params(method: str, path: str, params: Json) -> Json:
    """Validate and convert the parameters of one route (integers, booleans, hashes).

    Parameters of a route the package does not name are left as they are.
    Raises: RefusedParams: in Stripe's words, for the first thing that is wrong.
    """
    route = package_routes().get(route_key(method, path))
    if route is None or route.params_class is None or route.params_module is None:
        return params
    # pydantic is only paid for when the first request comes, not at start.
    validation = load_module("app.simulator.contract.validation")
    result: Json = validation.validate(route.params_module, route.params_class, params)
    return result


def warm_up() -> None:
    """Import what the first request would wait for."""
    load_module("app.simulator.contract.validation")


def _template_for(method: str, path: str) -> str | None:
    key = route_key(method, path)
    if key in package_routes():
        return key[1]
    return _match_template(method.upper(), tuple(path.strip("/").split("/")))


@cache
def _templates() -> dict[tuple[str, int], list[tuple[str, ...]]]:
    found: dict[tuple[str, int], list[tuple[str, ...]]] = {}
    for method, path in package_routes():
        parts = tuple(path.strip("/").split("/"))
        found.setdefault((method, len(parts)), []).append(parts)
    for templates in found.values():
        templates.sort(key=lambda parts: parts.count("{}"))
    return found


def _match_template(method: str, parts: tuple[str, ...]) -> str | None:
    for template in _templates().get((method, len(parts)), []):
        if all(mine in ("{}", given) for mine, given in zip(template, parts, strict=True)):
            return "/" + "/".join(template)
    return None
