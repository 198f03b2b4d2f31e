"""Invoice payments: which payment paid which invoice."""

from typing import Any

from app.simulator.engine.listing import list_objects
from app.simulator.engine.routes import Call, Route

Json = dict[str, Any]


def retrieve(call: Call) -> Json:
    """`GET /v1/invoice_payments/{invoice_payment}`."""
    return call.world.get("invoice_payment", call.id)


def list_all(call: Call) -> Json:
    """`GET /v1/invoice_payments`, by invoice, status, or the payment intent behind them."""
    payment = call.params.get("payment") or {}
    where = {f"payment.{name}": value for name, value in payment.items()}
    return list_objects(
        call.world,
        "invoice_payment",
        call.params,
        url="/v1/invoice_payments",
        filters=("invoice", "status"),
        where=where,
    )


ROUTES = [
    Route("GET", "/v1/invoice_payments", list_all),
    Route("GET", "/v1/invoice_payments/{invoice_payment}", retrieve),
]
