"""What moved a customer's credit balance."""

from typing import Any

from app.simulator.engine.customer_balance import move
from app.simulator.engine.errors import invalid, no_such
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.money import check_currency
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.resources import customers

Json = dict[str, Any]
KIND = "customer_balance_transaction"


def create(call: Call) -> Json:
    """`POST /v1/customers/{customer}/balance_transactions`: credit below zero, debt above."""
    world, params = call.world, call.params
    customer = customers.find(call, call.ids["customer"])
    currency = check_currency(params["currency"])
    if customer.get("currency") not in (None, currency):
        raise invalid(
            f"The customer's currency is {customer['currency']}; its balance cannot be in {currency}.",
            param="currency",
        )
    customer["currency"] = currency
    fields = {**pick(params, "description"), "metadata": merged({}, params.get("metadata"))}
    return move(world, customer, params["amount"], kind="adjustment", **fields)


def retrieve(call: Call) -> Json:
    """`GET /v1/customers/{customer}/balance_transactions/{transaction}`."""
    found = call.world.get(KIND, call.ids["transaction"], param="transaction")
    if found["customer"] != call.ids["customer"]:
        raise no_such(KIND, found["id"], param="transaction")
    return found


def update(call: Call) -> Json:
    """`POST /v1/customers/{customer}/balance_transactions/{transaction}`."""
    found = retrieve(call)
    found |= pick(call.params, "description")
    found["metadata"] = merged(found["metadata"], call.params.get("metadata"))
    return call.world.save(found)


def list_all(call: Call) -> Json:
    """`GET /v1/customers/{customer}/balance_transactions`."""
    customer = call.ids["customer"]
    call.world.get("customer", customer)
    return list_objects(
        call.world,
        KIND,
        call.params,
        url=f"/v1/customers/{customer}/balance_transactions",
        filters=("invoice",),
        where={"customer": customer},
    )


BASE = "/v1/customers/{customer}/balance_transactions"
ROUTES = [
    Route("POST", BASE, create),
    Route("GET", BASE, list_all),
    Route("GET", BASE + "/{transaction}", retrieve),
    Route("POST", BASE + "/{transaction}", update),
]
