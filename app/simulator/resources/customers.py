"""Customers."""

from typing import Any

from app.simulator.engine.ids import random_text
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import attach, find_method
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.subscriptions import end
from app.simulator.engine.world import World

Json = dict[str, Any]
PLAIN_FIELDS = (
    "address", "business_name", "description", "email", "individual_name", "name", "phone",
    "preferred_locales", "shipping", "tax_exempt",
)  # fmt: skip


def new_customer(world: World, fields: Json) -> Json:
    """Create a customer and tell of it."""
    prefix = random_text(8).upper()
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None}
    return world.create(
        {
            "object": "customer",
            "balance": 0,
            "created": world.now(),
            "delinquent": False,
            "invoice_prefix": prefix,
            "invoice_settings": settings,
            "livemode": False,
            "metadata": {},
            "next_invoice_sequence": 1,
            "preferred_locales": [],
            "tax_exempt": "none",
            **fields,
        },
        "customer.created",
    )


def create(call: Call) -> Json:
    """`POST /v1/customers`."""
    world, params = call.world, call.params
    world.enter_test_clock(params.get("test_clock"))
    fields = pick(params, *PLAIN_FIELDS, "test_clock", "balance")
    customer = new_customer(world, {**fields, "metadata": merged({}, params.get("metadata"))})
    if "payment_method" in params:
        attach(world, find_method(world, params["payment_method"]), customer["id"])
    return _apply_settings(world, customer, params, announce=False)


def retrieve(call: Call) -> Json:
    """`GET /v1/customers/{customer}`; a deleted one leaves its stub."""
    gone = call.world.store.read_meta(f"deleted:{call.id}")
    return gone if gone else call.world.get("customer", call.id)


def update(call: Call) -> Json:
    """`POST /v1/customers/{customer}`."""
    world, params = call.world, call.params
    customer = find(call, call.id)
    customer |= pick(params, *PLAIN_FIELDS, "balance")
    customer["metadata"] = merged(customer["metadata"], params.get("metadata"))
    return _apply_settings(world, customer, params, announce=True)


def delete(call: Call) -> Json:
    """`DELETE /v1/customers/{customer}`: subscriptions end at once."""
    world = call.world
    customer = find(call, call.id)
    for subscription in world.store.linked("subscription", "customer", customer["id"]):
        if subscription["status"] not in {"canceled", "incomplete_expired"}:
            end(world, subscription, reason="cancellation_requested")
    for invoice in world.store.linked("invoice", "customer", customer["id"]):
        world.unschedule(invoice["id"])
    world.emit("customer.deleted", customer)
    world.store.delete(customer)
    stub = {"id": customer["id"], "object": "customer", "deleted": True}
    world.store.write_meta(f"deleted:{customer['id']}", stub)
    return stub


def list_all(call: Call) -> Json:
    """`GET /v1/customers`."""
    return list_objects(
        call.world, "customer", call.params, url="/v1/customers", filters=("email", "test_clock")
    )


def list_payment_methods(call: Call) -> Json:
    """`GET /v1/customers/{customer}/payment_methods`."""
    find(call, call.id)
    return list_objects(
        call.world,
        "payment_method",
        call.params,
        url=f"/v1/customers/{call.id}/payment_methods",
        filters=("type",),
        where={"customer": call.id},
    )


def retrieve_payment_method(call: Call) -> Json:
    """`GET /v1/customers/{customer}/payment_methods/{payment_method}`."""
    return call.world.get("payment_method", call.ids["payment_method"])


def find(call: Call, customer_id: str, *, param: str = "id") -> Json:
    """A customer by id, with its test clock in charge from here on."""
    customer = call.world.get("customer", customer_id, param=param)
    call.world.enter_test_clock(customer.get("test_clock"))
    return customer


def _apply_settings(world: World, customer: Json, params: Json, *, announce: bool) -> Json:
    given = params.get("invoice_settings") or {}
    settings = {**customer["invoice_settings"], **pick(given, *given)}
    if given.get("default_payment_method"):
        method = find_method(
            world, given["default_payment_method"], param="invoice_settings[default_payment_method]"
        )
        settings["default_payment_method"] = attach(world, method, customer["id"])["id"]
    customer["invoice_settings"] = settings
    return world.save(customer, *(["customer.updated"] if announce else []))


ROUTES = [
    Route("POST", "/v1/customers", create),
    Route("GET", "/v1/customers", list_all),
    Route("GET", "/v1/customers/{customer}", retrieve),
    Route("POST", "/v1/customers/{customer}", update),
    Route("DELETE", "/v1/customers/{customer}", delete),
    Route("GET", "/v1/customers/{customer}/payment_methods", list_payment_methods),
    Route("GET", "/v1/customers/{customer}/payment_methods/{payment_method}", retrieve_payment_method),
]
