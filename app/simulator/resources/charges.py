"""Charges: made by payment intents, read here."""

from typing import Any

from app.simulator.engine.listing import as_list, list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World

Json = dict[str, Any]


def retrieve(call: Call) -> Json:
    """`GET /v1/charges/{charge}`."""
    return call.world.get("charge", call.id)


def update(call: Call) -> Json:
    """`POST /v1/charges/{charge}`."""
    charge = call.world.get("charge", call.id)
    charge |= pick(call.params, "description", "receipt_email", "shipping", "transfer_group")
    charge["metadata"] = merged(charge["metadata"], call.params.get("metadata"))
    return call.world.save(charge, "charge.updated")


def list_all(call: Call) -> Json:
    """`GET /v1/charges`."""
    return list_objects(
        call.world, "charge", call.params, url="/v1/charges", filters=("customer", "payment_intent")
    )


def refunds_of(world: World, charge: Json) -> Json:
    """The `refunds` list a charge shows when expanded, newest first."""
    found = world.store.linked("refund", "charge", charge["id"])[::-1]
    shown = [world.present(one) for one in found[:10]]
    return as_list(shown, f"/v1/charges/{charge['id']}/refunds", more=len(found) > 10)


ROUTES = [
    Route("GET", "/v1/charges", list_all),
    Route("GET", "/v1/charges/{charge}", retrieve),
    Route("POST", "/v1/charges/{charge}", update),
]
INCLUDABLE = {("charge", "refunds"): refunds_of}
