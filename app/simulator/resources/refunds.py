"""Refunds, whole or in parts."""

from typing import Any

from app.simulator.engine.errors import invalid
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import customer_clock
from app.simulator.engine.refunds import JOBS, make_refund, refundable
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World

__all__ = ["JOBS", "ROUTES"]

Json = dict[str, Any]


def create(call: Call) -> Json:
    """`POST /v1/refunds`."""
    world, params = call.world, call.params
    charge = _charge(world, params)
    world.enter_test_clock(customer_clock(world, charge.get("customer")))
    fields = {**pick(params, "reason"), "metadata": merged({}, params.get("metadata"))}
    return make_refund(world, charge, params.get("amount", refundable(charge)), fields)


def retrieve(call: Call) -> Json:
    """`GET /v1/refunds/{refund}`."""
    return call.world.get("refund", call.id)


def update(call: Call) -> Json:
    """`POST /v1/refunds/{refund}`: metadata only."""
    refund = call.world.get("refund", call.id)
    refund["metadata"] = merged(refund["metadata"], call.params.get("metadata"))
    call.world.save(refund, "refund.updated", "charge.refund.updated")
    return refund


def cancel(call: Call) -> Json:
    """`POST /v1/refunds/{refund}/cancel`: only what waits for the customer to act, and nothing does."""
    call.world.get("refund", call.id)
    raise invalid("Canceling this refund is unsupported.")


def list_all(call: Call) -> Json:
    """`GET /v1/refunds`."""
    return list_objects(
        call.world, "refund", call.params, url="/v1/refunds", filters=("charge", "payment_intent")
    )


def _charge(world: World, params: Json) -> Json:
    if "charge" in params:
        return world.get("charge", params["charge"])
    if "payment_intent" not in params:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    intent = world.get("payment_intent", params["payment_intent"], param="payment_intent")
    if not intent.get("latest_charge") or not intent["amount_received"]:
        raise invalid(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return world.get("charge", intent["latest_charge"])


ROUTES = [
    Route("POST", "/v1/refunds", create),
    Route("GET", "/v1/refunds", list_all),
    Route("GET", "/v1/refunds/{refund}", retrieve),
    Route("POST", "/v1/refunds/{refund}", update),
    Route("POST", "/v1/refunds/{refund}/cancel", cancel),
]
