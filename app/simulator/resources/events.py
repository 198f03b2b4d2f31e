"""Events: kept for thirty days of the account's clock."""

from typing import Any

from app.simulator.engine.errors import invalid, no_such
from app.simulator.engine.listing import list_objects
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.world import World

Json = dict[str, Any]
KEPT_SECONDS = 30 * 86400


def retrieve(call: Call) -> Json:
    """`GET /v1/events/{id}`."""
    event = call.world.get("event", call.id)
    if event["created"] < call.world.now() - KEPT_SECONDS:
        raise no_such("event", call.id)
    return event


def list_all(call: Call) -> Json:
    """`GET /v1/events`, by type, by several types, or by a group such as `charge.*`."""
    params = call.params
    if "type" in params and "types" in params:
        raise invalid("You may not specify both type and types.", param="type")
    query: Json = {"created": [(">=", call.world.now() - KEPT_SECONDS)]}
    if "delivery_success" in params:
        operator = "NOT IN" if params["delivery_success"] else "IN"
        query["bounds"] = [("id", operator, _undelivered(call.world))]
    if "types" in params:
        query["any_of"] = {"type": params["types"]}
    if "type" in params:
        query["like"] = {"type": params["type"].replace("[", "[[]")}
    return list_objects(call.world, "event", params, url="/v1/events", query=query)


def _undelivered(world: World) -> list[str]:
    """Events with a delivery that is still on its way or was given up."""
    rows = world.store.db.execute("SELECT DISTINCT event FROM deliveries WHERE status != 'succeeded'")
    return [row[0] for row in rows]


ROUTES = [
    Route("GET", "/v1/events", list_all),
    Route("GET", "/v1/events/{id}", retrieve),
]
