"""Invoice items: amounts that wait for a customer's next invoice."""

from typing import Any

from app.simulator.engine.drafts import set_lines
from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.lines import item_line
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.money import check_currency
from app.simulator.engine.prorations import invoice_item
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World
from app.simulator.resources import customers

Json = dict[str, Any]


def create(call: Call) -> Json:
    """`POST /v1/invoiceitems`, on a draft invoice or waiting for the next one."""
    world, params = call.world, call.params
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
    """`POST /v1/invoiceitems/{invoiceitem}`: until it is on an invoice."""
    item = call.world.get("invoiceitem", call.id)
    if item["invoice"]:
        raise invalid("This invoice item is on an invoice and can no longer be changed here.")
    item |= pick(call.params, "amount", "description", "discountable")
    item["metadata"] = merged(item["metadata"], call.params.get("metadata"))
    return call.world.save(item)


def delete(call: Call) -> Json:
    """`DELETE /v1/invoiceitems/{invoiceitem}`: while it waits."""
    item = call.world.get("invoiceitem", call.id)
    if item["invoice"]:
        raise invalid("This invoice item is on an invoice and can no longer be deleted.")
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


def _put_on(world: World, item: Json) -> None:
    invoice = world.get("invoice", item["invoice"], param="invoice")
    if invoice["status"] != "draft":
        raise invalid("This invoice is no longer a draft.", param="invoice", code="invoice_not_editable")
    set_lines(invoice, [*invoice["lines"]["data"], item_line(item)])
    world.save(invoice, "invoice.updated")


ROUTES = [
    Route("POST", "/v1/invoiceitems", create),
    Route("GET", "/v1/invoiceitems", list_all),
    Route("GET", "/v1/invoiceitems/{invoiceitem}", retrieve),
    Route("POST", "/v1/invoiceitems/{invoiceitem}", update),
    Route("DELETE", "/v1/invoiceitems/{invoiceitem}", delete),
]
