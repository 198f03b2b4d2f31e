"""Charges as payments make them."""

from typing import Any

from app.simulator.engine.balance import post_charge
from app.simulator.engine.cards import Decline
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.methods import card_of, details_for_charge
from app.simulator.engine.world import World

Json = dict[str, Any]


def new_charge(world: World, intent: Json, method: Json, *, authenticated: bool = False) -> Json:
    """A succeeded and captured charge of an intent, not yet stored."""
    by_card = method["type"] == "card"
    charge_id = new_id("charge") if by_card else f"py_{random_text(24)}"
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SIMULATED NEWSROOM",
        "captured": True,
        "created": world.now(),
        "currency": intent["currency"],
        "customer": intent.get("customer"),
        "description": intent.get("description"),
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": outcome(None),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details_for_charge(method, three_d_secure=authenticated),
        "receipt_email": intent.get("receipt_email"),
        "receipt_url": f"{world.base_url}/receipts/{charge_id}",
        "refunded": False,
        "shipping": intent.get("shipping"),
        "statement_descriptor": intent.get("statement_descriptor"),
        "statement_descriptor_suffix": intent.get("statement_descriptor_suffix"),
        "status": "succeeded",
        "transfer_group": intent.get("transfer_group"),
    }


def failed(charge: Json, code: str, message: str) -> Json:
    """The same charge, refused."""
    return charge | {
        "amount_captured": 0,
        "captured": False,
        "failure_code": code,
        "failure_message": message,
        "paid": False,
        "receipt_url": None,
        "status": "failed",
    }


def book_charge(world: World, charge_id: str) -> None:
    """Give a charge its balance transaction, and say so."""
    charge = world.get("charge", charge_id)
    method = world.get("payment_method", charge["payment_method"])
    transaction = post_charge(world, charge, at_once=card_of(method).available_at_once)
    charge["balance_transaction"] = transaction["id"]
    world.save(charge, "charge.updated")


def book_soon(world: World, charge_id: str) -> None:
    """Book a charge now, or when the setting `balance_delay_seconds` lets it."""
    delay_seconds = world.store.read_meta("balance_delay_seconds") or 0
    if delay_seconds:
        world.schedule(world.now() + delay_seconds, "charge_booked", charge_id)
    else:
        book_charge(world, charge_id)


def outcome(why: Decline | None) -> Json:
    """What the network said of a charge."""
    if why is None:
        return {
            "network_status": "approved_by_network",
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    fraudulent = why.decline_code == "fraudulent"
    return {
        "network_status": "not_sent_to_network" if fraudulent else "declined_by_network",
        "reason": why.decline_code or why.code,
        "risk_level": "highest" if fraudulent else "normal",
        "risk_score": 93 if fraudulent else 12,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "blocked" if fraudulent else "issuer_declined",
    }
