"""Subscription items, one by one: what an update of the subscription does with them."""

from typing import Any

from app.simulator.engine.errors import missing_param, no_such
from app.simulator.engine.listing import page_of
from app.simulator.engine.metadata import merged
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.uncovered import refuse_uncovered
from app.simulator.engine.world import World
from app.simulator.resources.subscription_changes import apply_update
from app.simulator.resources.subscriptions import present_item

Json = dict[str, Any]
KIND = "subscription_item"
HOW = ("proration_behavior", "payment_behavior", "proration_date")
GIVEN = ("price", "price_data", "quantity", "metadata")


def create(call: Call) -> Json:
    """`POST /v1/subscription_items`."""
    refuse_uncovered(call)
    subscription = _enter(call.world, call.world.get("subscription", call.params["subscription"]))
    before = {item["id"] for item in subscription["items"]["data"]}
    after = _apply(call, subscription, {name: call.params[name] for name in GIVEN if name in call.params})
    return next(item for item in after["items"]["data"] if item["id"] not in before)


def retrieve(call: Call) -> Json:
    """`GET /v1/subscription_items/{item}`."""
    return _item(_subscription_of(call), call.id)


def update(call: Call) -> Json:
    """`POST /v1/subscription_items/{item}`."""
    refuse_uncovered(call)
    subscription = _enter(call.world, _subscription_of(call))
    if not call.params.keys() & {"price", "price_data", "quantity"}:
        item = _item(subscription, call.id)
        item["metadata"] = merged(item["metadata"], call.params.get("metadata"))
        call.world.save(subscription, "customer.subscription.updated")
        return item
    given = {name: call.params[name] for name in GIVEN if name in call.params}
    return _item(_apply(call, subscription, {"id": call.id, **given}), call.id)


def delete(call: Call) -> Json:
    """`DELETE /v1/subscription_items/{item}`; the last one stays."""
    subscription = _enter(call.world, _subscription_of(call))
    _apply(call, subscription, {"id": call.id, "deleted": True})
    return {"id": call.id, "object": KIND, "deleted": True}


def list_all(call: Call) -> Json:
    """`GET /v1/subscription_items`, of one subscription."""
    if "subscription" not in call.params:
        raise missing_param("subscription")
    subscription = call.world.get("subscription", call.params["subscription"], param="subscription")
    shown = [present_item(call.world, item) for item in subscription["items"]["data"]]
    return page_of(shown, call.params, "/v1/subscription_items")


def _subscription_of(call: Call) -> Json:
    found = call.world.store.linked("subscription", "item", call.id)
    if not found:
        raise no_such(KIND, call.id, param="item")
    return found[0]


def _enter(world: World, subscription: Json) -> Json:
    world.enter_test_clock(subscription.get("test_clock"))
    return subscription


def _item(subscription: Json, item_id: str) -> Json:
    found: Json = next(item for item in subscription["items"]["data"] if item["id"] == item_id)
    return found


def _apply(call: Call, subscription: Json, item: Json) -> Json:
    return apply_update(call.world, subscription, {**pick(call.params, *HOW), "items": [item]})


ROUTES = [
    Route("POST", "/v1/subscription_items", create),
    Route("GET", "/v1/subscription_items", list_all),
    Route("GET", "/v1/subscription_items/{item}", retrieve),
    Route("POST", "/v1/subscription_items/{item}", update),
    Route("DELETE", "/v1/subscription_items/{item}", delete),
]
