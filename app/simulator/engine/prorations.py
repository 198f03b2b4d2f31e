"""Prorations: what is owed back for unused time, and what the rest of the period costs."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.simulator.engine.world import World

Json = dict[str, Any]


def prorate(world: World, subscription: Json, old_items: list[Json]) -> None:
    """Credit the unused time of changed items and charge the rest of the period at the new price."""
    before = {item["id"]: item for item in old_items}
    for item in subscription["items"]["data"]:
        old = before.pop(item["id"], None)
        if old and (old["price"], old["quantity"]) == (item["price"], item["quantity"]):
            continue
        if old:
            _pending(world, subscription, old, sign=-1, text="Unused time on")
        _pending(world, subscription, item, sign=1, text="Remaining time on")
    for removed in before.values():
        _pending(world, subscription, removed, sign=-1, text="Unused time on")


def credit_unused(world: World, subscription: Json, old_items: list[Json]) -> None:
    """Credit the unused time of every item: a whole new period is billed instead."""
    for item in old_items:
        _pending(world, subscription, item, sign=-1, text="Unused time on")


def invoice_item(world: World, fields: Json) -> Json:
    """Create an invoice item and tell of it."""
    return world.create(
        {
            "object": "invoiceitem",
            "date": world.now(),
            "discountable": True,
            "discounts": [],
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "proration": False,
            "quantity": 1,
            "quantity_decimal": "1",
            "tax_rates": [],
            **fields,
        },
        "invoiceitem.created",
    )


def _pending(world: World, subscription: Json, item: Json, *, sign: int, text: str) -> None:
    price = world.get("price", item["price"])
    start, end = item["current_period_start"], item["current_period_end"]
    left = Decimal(max(end - world.now(), 0)) / Decimal(max(end - start, 1))
    whole = price["unit_amount"] * item["quantity"]
    amount = int((whole * left).quantize(Decimal(1), ROUND_HALF_UP)) * sign
    name = world.get("product", price["product"])["name"]
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    invoice_item(
        world,
        {
            "amount": amount,
            "currency": price["currency"],
            "customer": subscription["customer"],
            "description": f"{text} {name} after {datetime.fromtimestamp(world.now(), UTC):%d %b %Y}",
            "discountable": False,
            "net_amount": amount,
            "parent": {"subscription_details": details, "type": "subscription_details"},
            "period": {"end": end, "start": world.now()},
            "pricing": {
                "price_details": {"price": price["id"], "product": price["product"]},
                "type": "price_details",
                "unit_amount_decimal": str(amount),
            },
            "proration": True,
            "proration_details": {"discount_amounts": []},
            "test_clock": subscription.get("test_clock"),
        },
    )
