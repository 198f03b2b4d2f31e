"""`python -m app.simulator coverage`: what of Stripe is here, and what answers 501."""

import ast
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from app.simulator.contract.coverage import coverage_report
from app.simulator.contract.package import api_version
from app.simulator.contract.shapes import Choice, shape_of_object
from app.simulator.contract.triggers import COVERED, out_of_scope
from app.simulator.resources.table import ROUTES

ROOMS = ("engine", "resources")


def coverage_text() -> str:
    """The whole report, as Markdown."""
    return "\n".join([*_head(), *_routes(), *_events(), *_triggers()]) + "\n"


def package_events() -> set[str]:
    """Every event type the package knows."""
    shape = shape_of_object("event")
    kinds = shape.fields["type"].shape if shape else None
    return {str(value) for value in kinds.values} if isinstance(kinds, Choice) else set()


def emitted_events() -> set[str]:
    """The event types that the simulator's own source names."""
    folder = Path(__file__).parent
    sources = [path for room in ROOMS for path in (folder / room).glob("*.py")]
    return {word for path in sources for word in _words(path)} & package_events()


def _words(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _head() -> list[str]:
    return [
        "# What the local Stripe covers",
        "",
        f"Of Stripe's API {api_version()}, as the installed `stripe` package publishes it. This page is what",
        "`python -m app.simulator coverage` prints; `make coverage-report` writes it anew.",
        "",
    ]


def _routes() -> list[str]:
    report = coverage_report((route.method, route.path) for route in ROUTES if route.published)
    total = len(report.covered) + len(report.uncovered)
    covered = [f"- `{route}`" for route in report.covered]
    return [
        f"## Routes: {len(report.covered)} of {total}",
        "",
        *covered,
        "",
        "The others answer 501 with a message that names the route, by their first words:",
        "",
        *_families(report.uncovered),
        "",
    ]


def _families(routes: Iterable[str]) -> list[str]:
    paths = sorted(route.split()[1] for route in routes)
    named = groupby(paths, key=lambda path: "/".join(path.split("/")[:3]))
    return [f"- `{family}`: {len(list(found))}" for family, found in named]


def _events() -> list[str]:
    emitted, known = emitted_events(), package_events()
    return [
        f"## Events: {len(emitted)} of {len(known)} types",
        "",
        *(f"- `{name}`" for name in sorted(emitted)),
        "",
    ]


def _triggers() -> list[str]:
    foreign = dict(out_of_scope())
    total = len(COVERED) + len(foreign)
    return [
        f"## `stripe trigger`: {len(COVERED)} of {total}",
        "",
        "| event | |",
        "| --- | --- |",
        *(f"| `{event}` | runs |" for event in sorted(COVERED)),
        *(f"| `{event}` | out of scope: {objects} |" for event, objects in sorted(foreign.items())),
    ]
