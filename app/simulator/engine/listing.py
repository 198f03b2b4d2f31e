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
    wanted = {name: link_value(params[name]) for name in filters if name in params}
    rows, more = world.store.page(
        Query(
            type=kind,
            limit=_limit(params),
            where={**wanted, **(where or {})},
            created=[*_created(params.get("created")), *(query or {}).pop("created", [])],
            after=_cursor(world, kind, params, "starting_after"),
            before=_cursor(world, kind, params, "ending_before"),
            **(query or {}),
        )
    )
    return as_list([world.present(row) for row in rows], url, more=more)


def as_list(data: list[Json], url: str, *, more: bool = False) -> Json:
    """Stripe's list object."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def page_of(items: list[Json], params: Json, url: str) -> Json:
    """A page of items that are held inside another object, in their own order."""
    limit = _limit(params)
    ids = [item["id"] for item in items]
    if "starting_after" in params:
        items = items[_place(ids, params["starting_after"]) + 1 :]
    return as_list(items[:limit], url, more=len(items) > limit)


def _place(ids: list[str], wanted: str) -> int:
    if wanted not in ids:
        raise no_such("item", wanted, param="starting_after")
    return ids.index(wanted)


def _limit(params: Json) -> int:
    limit = int(params.get("limit", 10))
    if not 1 <= limit <= MOST:
        raise invalid(
            f"Invalid limit: must be between 1 and {MOST}", param="limit", code="parameter_invalid_integer"
        )
    return limit


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
