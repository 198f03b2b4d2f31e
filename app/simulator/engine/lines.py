"""Invoice lines: of a subscription's period, and of invoice items."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.simulator.engine.calendar import period_end
from app.simulator.engine.ids import new_id
from app.simulator.engine.money import labelled
from app.simulator.engine.world import World

Json = dict[str, Any]


def item_line(item: Json) -> Json:
    """The invoice line of an invoice item."""
    details = {
        "invoice_item": item["id"],
        "proration": item["proration"],
        "proration_details": {},
        "subscription": subscription_of_item(item),
    }
    return {
        "id": new_id("line_item"),
        "object": "line_item",
        "amount": item["amount"],
        "currency": item["currency"],
        "description": item["description"],
        "discount_amounts": [],
        "discountable": item["discountable"],
        "discounts": [],
        "livemode": False,
        "metadata": item["metadata"],
        "parent": {"invoice_item_details": details, "type": "invoice_item_details"},
        "period": item["period"],
        "pretax_credit_amounts": [],
        "pricing": item["pricing"],
        "quantity": item["quantity"],
        "subtotal": item["amount"],
        "taxes": [],
    }


def period_line(world: World, subscription: Json, item: Json) -> Json:
    """The line of one subscription item for its current period."""
    price = world.get("price", item["price"])
    trial = subscription["status"] == "trialing"
    quantity = item.get("quantity", 1)
    amount = 0 if trial else price["unit_amount"] * quantity
    if subscription.get("_stub"):
        amount = stub_amount(amount, price, item, charged=subscription["_stub"] == "prorated")
    details = {
        "proration": bool(subscription.get("_stub")),
        "proration_details": {},
        "subscription": subscription["id"],
        "subscription_item": item["id"],
    }
    return {
        "id": new_id("line_item"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": _line_text(world, price, quantity, trial=trial),
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "livemode": False,
        "metadata": {**subscription["metadata"], **item["metadata"]},
        "parent": {"subscription_item_details": details, "type": "subscription_item_details"},
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": line_pricing(price),
        "quantity": quantity,
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
    }


def stub_amount(whole: int, price: Json, item: Json, *, charged: bool) -> int:
    """What the time until a later billing anchor costs: a share of a whole period, or nothing."""
    if not charged:
        return 0
    recurring = price["recurring"]
    end = item["current_period_end"]
    length = period_end(end, end, recurring["interval"], recurring["interval_count"]) - end
    share = Decimal(whole) * (end - item["current_period_start"]) / length
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def line_pricing(price: Json) -> Json:
    """How a line says what it was priced by."""
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def _line_text(world: World, price: Json, quantity: int, *, trial: bool) -> str:
    name = world.get("product", price["product"])["name"]
    if trial:
        return f"Trial period for {name}"
    each = labelled(price["unit_amount"], price["currency"])
    return f"{quantity} × {name} (at {each} / {interval_text(price)})"


def interval_text(price: Json) -> str:
    """`month`, or `3 months`."""
    recurring = price["recurring"]
    count = recurring["interval_count"]
    return recurring["interval"] if count == 1 else f"{count} {recurring['interval']}s"


def subscription_of_item(item: Json) -> str | None:
    """The subscription an invoice item waits for, if it is one's alone."""
    details = (item.get("parent") or {}).get("subscription_details") or {}
    found: str | None = details.get("subscription")
    return found
