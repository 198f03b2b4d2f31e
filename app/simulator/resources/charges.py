"""Charges: made by payment intents, read here."""

from typing import Any

from app.simulator.engine import payments
from app.simulator.engine.errors import invalid
from app.simulator.engine.listing import as_list, list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import customer_clock
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


def capture(call: Call) -> Json:
    """`POST /v1/charges/{charge}/capture`: what the intent behind it does."""
    world = call.world
    charge = world.get("charge", call.id)
    if charge["captured"]:
        raise invalid(f"Charge {charge['id']} has already been captured.", code="charge_already_captured")
    world.enter_test_clock(customer_clock(world, charge.get("customer")))
    intent = world.get("payment_intent", charge["payment_intent"])
    if intent["status"] != "requires_capture":
        raise invalid(
            f"Charge {charge['id']} cannot be captured because the charge has expired or failed.",
            code="charge_expired_for_capture",
        )
    amount: int = call.params.get("amount", int(charge["amount"]))
    if not 0 < amount <= charge["amount"]:
        raise invalid("The amount to capture is not one that is held.", param="amount")
    payments.capture(world, intent, amount)
    return world.get("charge", charge["id"])


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
    Route("POST", "/v1/charges/{charge}/capture", capture),
]
INCLUDABLE = {("charge", "refunds"): refunds_of}
