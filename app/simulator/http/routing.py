"""Finding the route of a path."""

from collections.abc import Iterable

from app.simulator.contract.routes import package_routes
from app.simulator.engine.errors import not_covered, unrecognized_url
from app.simulator.engine.routes import Route

Parts = tuple[str, ...]


class Router:
    """The routes the simulator has, by method and path."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_size: dict[tuple[str, int], list[tuple[Parts, Route]]] = {}
        for route in routes:
            parts = tuple(route.path.strip("/").split("/"))
            self._by_size.setdefault((route.method, len(parts)), []).append((parts, route))
        for found in self._by_size.values():
            found.sort(key=lambda entry: sum(part.startswith("{") for part in entry[0]))

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and the ids in the path.

        Raises: StripeError: 501 for a route of Stripe's that is not covered, else 404.
        """
        given = tuple(path.strip("/").split("/"))
        for parts, route in self._by_size.get((method, len(given)), []):
            ids = _fit(parts, given)
            if ids is not None:
                return route, ids
        covered_elsewhere = given[0] == "v2" or _known(method, given)
        raise not_covered(method, path) if covered_elsewhere else unrecognized_url(method, path)


def _known(method: str, given: Parts) -> bool:
    return any(
        route.method == method and _fit(tuple(route.path.strip("/").split("/")), given) is not None
        for route in package_routes().values()
    )


def _fit(parts: Parts, given: Parts) -> dict[str, str] | None:
    if len(parts) != len(given):
        return None
    ids = {}
    for part, value in zip(parts, given, strict=True):
        if part.startswith("{"):
            ids[part.strip("{}")] = value
        elif part != value:
            return None
    return ids
