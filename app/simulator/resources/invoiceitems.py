"""Invoice items: amounts that wait for a customer's next invoice."""

from decimal import Decimal
from typing import Any

from app.simulator.engine.drafts import set_lines
from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.lines import item_line
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.money import check_currency
from app.simulator.engine.prorations import invoice_item
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.uncovered import refuse_uncovered
from app.simulator.engine.world import World
from app.simulator.resources import customers

Json = dict[str, Any]


def create(call: Call) -> Json:
    """`POST /v1/invoiceitems`, on a draft invoice or waiting for the next one."""
    world, params = call.world, call.params
    refuse_uncovered(call)
    if "customer" not in params:
        raise missing_param("customer")
    customer = customers.find(call, params["customer"], param="customer")
    fields = _fields(world, params, customer)
    item = invoice_item(world, fields)
    if item["invoice"]:
        _put_on(world, item)
    return item


def retrieve(call: Call) -> Json:
    """`GET /v1/invoiceitems/{invoiceitem}`."""
    return call.world.get("invoiceitem", call.id)


def update(call: Call) -> Json:
    """`POST /v1/invoiceitems/{invoiceitem}`: until its invoice is open."""
    world = call.world
    refuse_uncovered(call)
    item = world.get("invoiceitem", call.id)
    draft = _draft_of(world, item, "changed")
    item |= pick(call.params, "amount", "description", "discountable", "period")
    if "quantity" in call.params or "amount" in call.params:
        _reckon(item, call.params)
    item["metadata"] = merged(item["metadata"], call.params.get("metadata"))
    world.save(item)
    if draft:
        _put_on(world, item)
    return item


def delete(call: Call) -> Json:
    """`DELETE /v1/invoiceitems/{invoiceitem}`: until its invoice is open."""
    item = call.world.get("invoiceitem", call.id)
    draft = _draft_of(call.world, item, "deleted")
    if draft:
        set_lines(draft, _other_lines(draft, item))
        call.world.save(draft, "invoice.updated")
    call.world.emit("invoiceitem.deleted", item)
    call.world.store.delete(item)
    return {"id": item["id"], "object": "invoiceitem", "deleted": True}


def list_all(call: Call) -> Json:
    """`GET /v1/invoiceitems`."""
    return list_objects(
        call.world,
        "invoiceitem",
        call.params,
        url="/v1/invoiceitems",
        filters=("customer", "invoice", "pending"),
    )


def _fields(world: World, params: Json, customer: Json) -> Json:
    price = None
    if "pricing" in params:
        price = world.get("price", params["pricing"]["price"], param="pricing[price]")
    if price is None and "amount" not in params:
        raise missing_param("amount")
    quantity = params.get("quantity", 1)
    amount = price["unit_amount"] * quantity if price else params["amount"]
    currency = price["currency"] if price else params.get("currency") or customer.get("currency") or "usd"
    details = {"price": price["id"], "product": price["product"]} if price else None
    subscription = {"subscription": params["subscription"]} if "subscription" in params else None
    return {
        "amount": amount,
        "currency": check_currency(currency),
        "customer": customer["id"],
        "description": params.get("description"),
        "invoice": params.get("invoice"),
        "metadata": merged({}, params.get("metadata")),
        "net_amount": amount,
        "parent": {"subscription_details": subscription, "type": "subscription_details"}
        if subscription
        else None,
        "period": params.get("period") or {"end": world.now(), "start": world.now()},
        "pricing": {
            "price_details": details,
            "type": "price_details",
            "unit_amount_decimal": str(price["unit_amount"] if price else amount),
        },
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "test_clock": customer.get("test_clock"),
    }


def _draft_of(world: World, item: Json, done: str) -> Json | None:
    """The draft an item is on, if any. Raises: StripeError: its invoice is no draft any more."""
    if not item["invoice"]:
        return None
    invoice = world.get("invoice", item["invoice"])
    if invoice["status"] != "draft":
        raise invalid(f"This invoice item is on an open invoice and can no longer be {done}.")
    return invoice


def _reckon(item: Json, params: Json) -> None:
    """Work out the amount again, by quantity where there is a price."""
    if "quantity" in params and (item["pricing"] or {}).get("price_details"):
        item["amount"] = int(Decimal(item["pricing"]["unit_amount_decimal"])) * params["quantity"]
    item["quantity"] = params.get("quantity", item["quantity"])
    item |= {"net_amount": item["amount"], "quantity_decimal": str(item["quantity"])}


def _other_lines(invoice: Json, item: Json) -> list[Json]:
    lines: list[Json] = invoice["lines"]["data"]
    return [
        line
        for line in lines
        if (line["parent"].get("invoice_item_details") or {}).get("invoice_item") != item["id"]
    ]


def _put_on(world: World, item: Json) -> None:
    invoice = world.get("invoice", item["invoice"], param="invoice")
    if invoice["status"] != "draft":
        raise invalid("This invoice is no longer a draft.", param="invoice", code="invoice_not_editable")
    set_lines(invoice, [*_other_lines(invoice, item), item_line(item)])
    world.save(invoice, "invoice.updated")


ROUTES = [
    Route("POST", "/v1/invoiceitems", create),
    Route("GET", "/v1/invoiceitems", list_all),
    Route("GET", "/v1/invoiceitems/{invoiceitem}", retrieve),
    Route("POST", "/v1/invoiceitems/{invoiceitem}", update),
    Route("DELETE", "/v1/invoiceitems/{invoiceitem}", delete),
]
