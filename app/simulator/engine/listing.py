"""Lists as Stripe pages them."""

from collections.abc import Iterable
from typing import Any

from app.simulator.engine.errors import invalid, no_such
from app.simulator.engine.links import link_value
from app.simulator.engine.store import Query
from app.simulator.engine.world import World

Json = dict[str, Any]
OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
MOST = 100
# Parameters that look at a field of the stored object rather than at a link.
FIELD_FILTERS: dict[str, dict[str, str]] = {
    "charge": {"transfer_group": "transfer_group"},
    "checkout.session": {"customer_account": "customer_account", "payment_link": "payment_link"},
    "credit_note": {"customer_account": "customer_account"},
    "invoice": {"customer_account": "customer_account", "due_date": "due_date"},
    "invoiceitem": {"customer_account": "customer_account"},
    "payment_intent": {"customer_account": "customer_account"},
    "payment_method": {"allow_redisplay": "allow_redisplay", "customer_account": "customer_account"},
    "product": {"ids": "id", "shippable": "shippable", "type": "type", "url": "url"},
    "setup_intent": {"attach_to_self": "attach_to_self", "customer_account": "customer_account"},
    "subscription": {
        "automatic_tax": "automatic_tax.enabled",
        "current_period_end": "items.data[0].current_period_end",
        "current_period_start": "items.data[0].current_period_start",
        "customer_account": "customer_account",
        "plan": "items.data[0].price",
    },
}


def list_objects(
    world: World,
    kind: str,
    params: Json,
    *,
    url: str,
    filters: Iterable[str] = (),
    where: dict[str, str] | None = None,
    query: Json | None = None,
) -> Json:
    """One page of a kind of object, newest first.

    Args: filters: parameters that are linked fields of the same name; where: further
        linked fields; query: further arguments of `Query`.
    """
    _check_cursors(params)
    wanted = {name: link_value(params[name]) for name in filters if name in params}
    rows, more = world.store.page(
        Query(
            type=kind,
            limit=limit_of(params),
            where={**wanted, **(where or {})},
            created=[*_created(params.get("created")), *(query or {}).pop("created", [])],
            after=_cursor(world, kind, params, "starting_after"),
            before=_cursor(world, kind, params, "ending_before"),
            bounds=[*_bounds(kind, params), *(query or {}).pop("bounds", [])],
            **(query or {}),
        )
    )
    return as_list([world.present(row) for row in rows], url, more=more)


def as_list(data: list[Json], url: str, *, more: bool = False) -> Json:
    """Stripe's list object."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def page_of(items: list[Json], params: Json, url: str) -> Json:
    """A page of items that are held inside another object, in their own order."""
    limit = limit_of(params)
    ids = [item["id"] for item in items]
    _check_cursors(params)
    if "ending_before" in params:
        before = items[: _place(ids, params["ending_before"], "ending_before")]
        return as_list(before[-limit:], url, more=len(before) > limit)
    if "starting_after" in params:
        items = items[_place(ids, params["starting_after"], "starting_after") + 1 :]
    return as_list(items[:limit], url, more=len(items) > limit)


def _place(ids: list[str], wanted: str, param: str) -> int:
    if wanted not in ids:
        raise no_such("item", wanted, param=param)
    return ids.index(wanted)


def _check_cursors(params: Json) -> None:
    if {"starting_after", "ending_before"} <= params.keys():
        raise invalid(
            "Received both ending_before and starting_after parameters. Please pass in only one.",
            param="ending_before",
        )


def limit_of(params: Json) -> int:
    """How many to show on a page. Raises: StripeError: none, or too many."""
    limit = int(params.get("limit", 10))
    if not 1 <= limit <= MOST:
        raise invalid(
            f"Invalid limit: must be between 1 and {MOST}", param="limit", code="parameter_invalid_integer"
        )
    return limit


def _bounds(kind: str, params: Json) -> list[tuple[str, str, Any]]:
    filters = FIELD_FILTERS.get(kind, {})
    return [
        (path, operator, value)
        for name, path in filters.items()
        if name in params
        for operator, value in _tests(params[name])
    ]


def _tests(wanted: Any) -> list[tuple[str, Any]]:
    if isinstance(wanted, dict) and "enabled" in wanted:
        return _tests(wanted["enabled"])
    if isinstance(wanted, bool):
        return [("IS" if wanted else "IS NOT", 1)]
    if isinstance(wanted, dict):
        return [(operator, value) for operator, value in _created(wanted)]
    return [("IN" if isinstance(wanted, list) else "=", wanted)]


def _created(bound: Any) -> list[tuple[str, int]]:
    if bound is None:
        return []
    if isinstance(bound, int):
        return [("=", bound)]
    return [(OPERATORS[name], int(at)) for name, at in bound.items()]


def _cursor(world: World, kind: str, params: Json, name: str) -> str | None:
    if name not in params:
        return None
    return str(world.get(kind, params[name], param=name)["id"])
