"""Which of the package's routes the local Stripe covers, and which it answers with 501."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.simulator.contract.routes import package_routes, route_key


@dataclass(frozen=True)
class Coverage:
    """Routes as `METHOD /v1/path`, sorted."""

    covered: list[str]
    uncovered: list[str]
    unknown: list[str]
    """Routes the simulator declares and the package does not know."""


def coverage_report(routes: Iterable[tuple[str, str]]) -> Coverage:
    """Compare declared (method, path) pairs with the package's routes."""
    declared = {route_key(method, path) for method, path in routes}
    known = package_routes()
    return Coverage(
        covered=sorted(f"{key[0]} {known[key].path}" for key in declared & known.keys()),
        uncovered=sorted(f"{key[0]} {known[key].path}" for key in known.keys() - declared),
        unknown=sorted(f"{method} {path}" for method, path in declared - known.keys()),
    )
