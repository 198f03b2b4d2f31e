"""Every v1 route of the installed package: method, path, parameters and what it answers."""

import re
from dataclasses import dataclass
from functools import cache

from app.simulator.contract.package import package_folder

DEFINITION = re.compile(r"\n    def (\w+)\((.*?)\n    \) -> (.*?):\n", re.DOTALL)
REQUEST = re.compile(r'self\._request\(\s*"(\w+)",\s*"([^"]+)"')
PARAMS = re.compile(r'params: (?:Optional\[)?\s*"(\w+)"')
IMPORT = re.compile(r"from (stripe\.params[\w.]*) import (?:\(([^)]*)\)|(\w+))")
HOLE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class PackageRoute:
    """One operation as the package calls it."""

    method: str
    path: str
    operation: str
    params_module: str | None
    params_class: str | None


def route_key(method: str, path: str) -> tuple[str, str]:
    """What makes two spellings of a route the same: names of holes do not count."""
    return method.upper(), HOLE.sub("{}", path)


@cache
def package_routes() -> dict[tuple[str, str], PackageRoute]:
    """All routes under `/v1/`, by `route_key`."""
    found: dict[tuple[str, str], PackageRoute] = {}
    for path in sorted(package_folder().glob("**/_*_service.py")):
        text = path.read_text(encoding="utf-8")
        if '"/v1/' in text:
            for route in _routes_of(text, path.stem.strip("_").removesuffix("_service")):
                found.setdefault(route_key(route.method, route.path), route)
    return found


def _routes_of(text: str, service: str) -> list[PackageRoute]:
    modules = _params_modules(text)
    pieces = DEFINITION.split(text)
    routes = []
    for name, signature, body in zip(pieces[1::4], pieces[2::4], pieces[4::4], strict=True):
        request = REQUEST.search(body)
        if request is None or not request.group(2).startswith("/v1/"):
            continue
        params = PARAMS.search(signature)
        cls = params.group(1) if params else None
        module = modules.get(cls) if cls else None
        routes.append(
            PackageRoute(request.group(1).upper(), request.group(2), f"{service}.{name}", module, cls)
        )
    return routes


def _params_modules(text: str) -> dict[str, str]:
    found = {}
    for module, many, one in IMPORT.findall(text):
        for name in (many or one).split(","):
            if name.strip():
                found[name.strip()] = module
    return found
