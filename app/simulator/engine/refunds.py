"""Refunds: money going back to whoever paid, and sometimes coming back to us."""

from typing import Any

from app.simulator.engine.balance import post_refund
from app.simulator.engine.disputes import blocks_refund
from app.simulator.engine.errors import invalid
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.methods import refund_behaviour
from app.simulator.engine.money import labelled
from app.simulator.engine.world import World

Json = dict[str, Any]
SETTLE_SECONDS = 3600


def make_refund(world: World, charge: Json, amount: int, fields: Json) -> Json:
    """Refund part or all of a charge; the card decides whether it is pending first or fails later.

    Args: amount: minor units of the charge's currency.
    Raises: StripeError: the charge or the amount cannot be refunded.
    """
    check_amount(world, charge, amount)
    behaviour = refund_behaviour(world.get("payment_method", charge["payment_method"]))
    refund = _new_refund(world, charge, amount, fields)
    if behaviour == "pending":
        refund |= {"pending_reason": "processing", "status": "pending"}
    refund["balance_transaction"] = post_refund(world, refund, charge=charge, amount=-amount)["id"]
    world.create(refund, "refund.created")
    _count(world, charge, amount, "charge.refunded")
    if behaviour != "succeeds":
        job = "refund_succeeds" if behaviour == "pending" else "refund_fails"
        world.schedule(world.now() + SETTLE_SECONDS, job, refund["id"])
    return refund


def check_amount(world: World, charge: Json, amount: int) -> None:
    """Raises: StripeError: no more, or not that much, of this charge can be refunded."""
    if charge["status"] != "succeeded" or not charge.get("balance_transaction"):
        raise invalid(
            f"This charge ({charge['id']}) has not succeeded, so it cannot be refunded.", param="charge"
        )
    if blocks_refund(world, charge):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    left = refundable(charge)
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer"
        )
    if amount > left:
        asked, rest = labelled(amount, charge["currency"]), labelled(left, charge["currency"])
        raise invalid(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})", param="amount"
        )


def refundable(charge: Json) -> int:
    """What is left of a charge to be refunded, in minor units."""
    return int(charge["amount_captured"] - charge["amount_refunded"])


def run_succeeds(world: World, ref: str) -> None:
    """A pending refund has arrived."""
    refund = world.get("refund", ref)
    refund |= {"pending_reason": None, "status": "succeeded"}
    world.save(refund, "refund.updated", "charge.refund.updated")


def run_fails(world: World, ref: str) -> None:
    """A refund comes back: the money returns to the balance."""
    refund = world.get("refund", ref)
    charge = world.get("charge", refund["charge"])
    returned = post_refund(world, refund, charge=charge, amount=refund["amount"], kind="refund_failure")
    refund |= {
        "failure_balance_transaction": returned["id"],
        "failure_reason": "expired_or_canceled_card",
        "status": "failed",
    }
    world.save(refund, "refund.updated", "charge.refund.updated", "refund.failed")
    _count(world, charge, -refund["amount"], "charge.updated")


def _new_refund(world: World, charge: Json, amount: int, fields: Json) -> Json:
    by_card = charge["payment_method_details"]["type"] == "card"
    kind = charge["payment_method_details"]["type"]
    from_card = {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {
        "id": new_id("refund") if by_card else f"pyr_{random_text(24)}",
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "customer": charge.get("customer"),
        "destination_details": {"card": from_card, "type": "card"} if by_card else {"type": kind},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "status": "succeeded",
        **fields,
    }


def _count(world: World, charge: Json, amount: int, event: str) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = refundable(charge) == 0
    world.save(charge, event)


JOBS = {"refund_succeeds": run_succeeds, "refund_fails": run_fails}
