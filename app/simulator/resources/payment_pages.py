"""The hosted page as Stripe's own command line tool fills it in: two routes Stripe does not publish."""

from typing import Any

from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.methods import find_method
from app.simulator.engine.routes import Call, Route
from app.simulator.resources.checkout_payments import Payer, open_session, pay

Json = dict[str, Any]


def retrieve(call: Call) -> Json:
    """`GET /v1/payment_pages/{session}`: the session behind the page."""
    return call.world.get("checkout.session", call.id)


def confirm(call: Call) -> Json:
    """`POST /v1/payment_pages/{session}/confirm`: pay it with a payment method made before."""
    world, params = call.world, call.params
    if "payment_method" not in params:
        raise missing_param("payment_method")
    session = open_session(world, call.id)
    if "expected_amount" in params and str(session["amount_total"]) != str(params["expected_amount"]):
        raise invalid("The amount of this page has changed.", param="expected_amount")
    return pay(world, call.id, _payer(find_method(world, params["payment_method"])))


def _payer(method: Json) -> Payer:
    billing = method["billing_details"]
    known = {"email": billing["email"], "name": billing["name"], "country": billing["address"]["country"]}
    if method["type"] == "sepa_debit":
        return Payer(iban=method["_number"], **known)
    return Payer(card=method["_number"], **known)


ROUTES = [
    Route("GET", "/v1/payment_pages/{session}", retrieve, published=False),
    Route("POST", "/v1/payment_pages/{session}/confirm", confirm, published=False),
]
