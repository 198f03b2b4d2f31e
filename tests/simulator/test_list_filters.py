"""Every filter that the package names for a list is heeded; none is taken and forgotten."""

from typing import Any, get_args

import pytest

from app.simulator.contract.package import load_module
from app.simulator.contract.routes import package_routes, route_key
from app.simulator.resources.table import ROUTES
from tests.simulator.shop import DAY, Shop
from tests.simulator.test_contract import live_through_everything
from tests.simulator.test_protocol import KEY, call
from tests.support.simulator import SimulatorProcess

PAGING = {"limit", "starting_after", "ending_before", "expand"}
FAR_AHEAD = 4102444800
HASHES = {
    "automatic_tax": "[enabled]=true",
    "customer_details": "[email]=nobody@example.org",
    "payment": "[type]=payment_intent&payment[payment_intent]=pi_nobody",
    "recurring": "[interval]=day",
}
NOT_BY_VALUE = {("/v1/payment_methods", "type"), ("/v1/products", "type")}
"""Filters whose every value is that of all objects here, or of none."""


def filters_by_list() -> dict[str, dict[str, str]]:
    """The filters of each list the simulator has, each with its annotation as text."""
    found: dict[str, dict[str, str]] = {}
    for route in ROUTES:
        known = package_routes().get(route_key(route.method, route.path))
        if known is None or not known.operation.endswith(".list") or "{" in route.path:
            continue
        assert known.params_module
        assert known.params_class
        options = set(load_module("stripe._request_options").RequestOptions.__annotations__)
        hints = getattr(load_module(known.params_module), known.params_class).__annotations__
        wanted = hints.keys() - options - PAGING
        found[route.path] = {name: str(get_args(hints[name]) or hints[name]) for name in wanted}
    return found


def tries(name: str, hint: str) -> list[str]:
    """Query strings for a filter; at least one of them must leave something out."""
    if "bool" in hint:
        return [f"{name}=true", f"{name}=false"]
    if "int" in hint:
        return [f"{name}[gt]={FAR_AHEAD}"]
    if name in HASHES:
        return [f"{name}{HASHES[name]}"]
    if "Literal" in hint:
        values = [word for word in hint.split("'") if word.strip(', |[]()"') and word.islower()]
        return [f"{name}={word}" for word in values]
    return [f"{name}[]=nobody", f"{name}=nobody"] if "List" in hint else [f"{name}=nobody"]


def count(simulator: SimulatorProcess, path: str, query: str) -> int:
    """How many objects a list shows; none when it refuses the filter's value."""
    status, answer, _ = call(simulator, "GET", f"{path}?limit=100&{query}", None, KEY)
    assert status in (200, 400, 404), answer
    return len(answer["data"]) if status == 200 else 0


@pytest.fixture(scope="module")
def lived(simulator_process: SimulatorProcess) -> SimulatorProcess:
    """A local Stripe with something of everything in it."""
    simulator_process.reset()
    live_through_everything(Shop(simulator_process))
    return simulator_process


@pytest.mark.parametrize("path", sorted(filters_by_list()))
def test_every_filter_of_a_list_leaves_something_out(lived: SimulatorProcess, path: str) -> None:
    everything = count(lived, path, "status=all" if path == "/v1/subscriptions" else "")
    filters = {
        name: hint for name, hint in filters_by_list()[path].items() if (path, name) not in NOT_BY_VALUE
    }

    unheeded = [
        name
        for name, hint in filters.items()
        if everything and min(count(lived, path, query) for query in tries(name, hint)) >= everything
    ]

    assert unheeded == []


def test_both_bounds_of_a_range_count(shop: Shop) -> None:
    first = shop.subscription()
    shop.simulator.advance(seconds=DAY)
    second = shop.subscription()
    ends: Any = [one["items"].data[0].current_period_end for one in (first, second)]

    def listed(**bounds: int) -> list[str]:
        given: Any = {"current_period_end": bounds}
        return [one.id for one in shop.v1.subscriptions.list(given).data]

    assert listed(gt=ends[0]) == [second.id]
    assert listed(gte=ends[0]) == [second.id, first.id]
    assert listed(lt=ends[1]) == [first.id]
    assert listed(gte=ends[0], lte=ends[0]) == [first.id]


def test_products_are_found_by_their_ids(shop: Shop) -> None:
    made = [shop.v1.products.create({"name": f"Tote {number}"}).id for number in range(3)]

    found = [one.id for one in shop.v1.products.list({"ids": made[:2]}).data]

    assert found == made[:2][::-1]
