"""Refunds, whole or in parts; some stay pending or fail by the card's own rule."""

from typing import Any

from app.simulator.engine.balance import post_refund
from app.simulator.engine.disputes import blocks_refund
from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.ids import new_id
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import card_of, customer_clock
from app.simulator.engine.money import spoken
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.world import World

Json = dict[str, Any]
SETTLE_SECONDS = 3600


def create(call: Call) -> Json:
    """`POST /v1/refunds`."""
    world, params = call.world, call.params
    charge = _charge(world, params)
    world.enter_test_clock(customer_clock(world, charge.get("customer")))
    _refuse_disputed(world, charge)
    amount = _amount(charge, params)
    behaviour = card_of(world.get("payment_method", charge["payment_method"])).refund
    refund = _new_refund(world, charge, amount, params)
    refund["status"] = "pending" if behaviour == "pending" else "succeeded"
    refund["balance_transaction"] = post_refund(world, refund, charge=charge, amount=-amount)["id"]
    world.create(refund, "refund.created")
    _count(world, charge, amount)
    world.emit("charge.refunded", charge)
    if behaviour != "succeeds":
        job = "refund_succeeds" if behaviour == "pending" else "refund_fails"
        world.schedule(world.now() + SETTLE_SECONDS, job, refund["id"])
    return refund


def retrieve(call: Call) -> Json:
    """`GET /v1/refunds/{refund}`."""
    return call.world.get("refund", call.id)


def update(call: Call) -> Json:
    """`POST /v1/refunds/{refund}`: metadata only."""
    refund = call.world.get("refund", call.id)
    refund["metadata"] = merged(refund["metadata"], call.params.get("metadata"))
    call.world.save(refund, "refund.updated", "charge.refund.updated")
    return refund


def list_all(call: Call) -> Json:
    """`GET /v1/refunds`."""
    return list_objects(
        call.world, "refund", call.params, url="/v1/refunds", filters=("charge", "payment_intent")
    )


def succeed(world: World, ref: str) -> None:
    """A pending refund has arrived."""
    refund = world.get("refund", ref)
    refund |= {"pending_reason": None, "status": "succeeded"}
    world.save(refund, "refund.updated", "charge.refund.updated")


def fail(world: World, ref: str) -> None:
    """A refund comes back: the money returns to the balance."""
    refund = world.get("refund", ref)
    charge = world.get("charge", refund["charge"])
    returned = post_refund(world, refund, charge=charge, amount=refund["amount"], kind="refund_failure")
    refund |= {
        "failure_balance_transaction": returned["id"],
        "failure_reason": "expired_or_canceled_card",
        "status": "failed",
    }
    world.save(refund, "refund.updated", "charge.refund.updated")
    world.emit("refund.failed", refund)
    _count(world, charge, -refund["amount"])


def _charge(world: World, params: Json) -> Json:
    if "charge" in params:
        return world.get("charge", params["charge"], param="charge")
    if "payment_intent" not in params:
        raise missing_param("charge")
    intent = world.get("payment_intent", params["payment_intent"], param="payment_intent")
    if not intent.get("latest_charge"):
        raise invalid(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return world.get("charge", intent["latest_charge"])


def _refuse_disputed(world: World, charge: Json) -> None:
    if blocks_refund(world, charge):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )


def _amount(charge: Json, params: Json) -> int:
    if charge["status"] != "succeeded" or not charge.get("balance_transaction"):
        raise invalid(
            f"This charge ({charge['id']}) has not succeeded, so it cannot be refunded.", param="charge"
        )
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = int(params.get("amount", left))
    if amount <= 0:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        raise invalid(
            f"Refund amount ({spoken(amount, charge['currency'])}) is greater than unrefunded amount on "
            f"charge ({spoken(left, charge['currency'])})",
            param="amount",
        )
    return amount


def _new_refund(world: World, charge: Json, amount: int, params: Json) -> Json:
    from_card = {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {
        "id": new_id("refund"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "customer": charge.get("customer"),
        "destination_details": {"card": from_card, "type": "card"},
        "metadata": merged({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
    }


def _count(world: World, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.save(charge)


ROUTES = [
    Route("POST", "/v1/refunds", create),
    Route("GET", "/v1/refunds", list_all),
    Route("GET", "/v1/refunds/{refund}", retrieve),
    Route("POST", "/v1/refunds/{refund}", update),
]
JOBS = {"refund_succeeds": succeed, "refund_fails": fail}
