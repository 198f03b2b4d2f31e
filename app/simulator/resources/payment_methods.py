"""Payment methods."""

from typing import Any

from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import attach, card_from, find_method, make_card_method
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.sepa import account_by_iban, make_sepa_method
from app.simulator.engine.world import World
from app.simulator.resources import customers

Json = dict[str, Any]


def create(call: Call) -> Json:
    """`POST /v1/payment_methods`: cards, and bank accounts for SEPA debit."""
    params = call.params
    if params.get("type") == "sepa_debit":
        return call.world.create(new_bank_account(call.world, params))
    if params.get("type") != "card":
        raise invalid("The local Stripe makes payment methods of types card and sepa_debit.", param="type")
    if "card" not in params:
        raise missing_param("card")
    card = params["card"]
    number = card.get("number") or card.get("token")
    if not number:
        raise missing_param("card[number]")
    expiry = (int(card["exp_month"]), int(card["exp_year"])) if "exp_month" in card else None
    method = make_card_method(call.world, card_from(number), expiry=expiry)
    method["metadata"] = merged({}, params.get("metadata"))
    _bill_to(method, params.get("billing_details"))
    return call.world.create(method)


def retrieve(call: Call) -> Json:
    """`GET /v1/payment_methods/{payment_method}`."""
    return find_method(call.world, call.id)


def update(call: Call) -> Json:
    """`POST /v1/payment_methods/{payment_method}`."""
    method = find_method(call.world, call.id)
    _bill_to(method, call.params.get("billing_details"))
    for name, value in (call.params.get("card") or {}).items():
        method["card"][name] = value
    if "allow_redisplay" in call.params:
        method["allow_redisplay"] = call.params["allow_redisplay"]
    method["metadata"] = merged(method["metadata"], call.params.get("metadata"))
    return call.world.save(method, "payment_method.updated")


def attach_to_customer(call: Call) -> Json:
    """`POST /v1/payment_methods/{payment_method}/attach`."""
    if "customer" not in call.params:
        raise missing_param("customer")
    customer = customers.find(call, call.params["customer"], param="customer")
    method = find_method(call.world, call.id)
    if method.get("customer") not in (None, customer["id"]):
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    return attach(call.world, method, customer["id"])


def detach(call: Call) -> Json:
    """`POST /v1/payment_methods/{payment_method}/detach`: it can no longer be charged."""
    world = call.world
    method = find_method(world, call.id)
    if method.get("customer") is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            code="payment_method_unexpected_state",
        )
    customer = customers.find(call, method["customer"])
    method["customer"] = None
    world.save(method)
    world.emit("payment_method.detached", method, previous={"customer": customer["id"]})
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"] = {**customer["invoice_settings"], "default_payment_method": None}
        world.save(customer, "customer.updated")
    for subscription in world.store.linked("subscription", "customer", customer["id"]):
        if subscription.get("default_payment_method") == method["id"]:
            subscription["default_payment_method"] = None
            world.save(subscription, "customer.subscription.updated")
    return method


def list_all(call: Call) -> Json:
    """`GET /v1/payment_methods`."""
    return list_objects(
        call.world, "payment_method", call.params, url="/v1/payment_methods", filters=("customer", "type")
    )


def new_bank_account(world: World, params: Json) -> Json:
    """A bank account, not yet stored. Raises: StripeError: no IBAN, or nobody's name and address."""
    iban = (params.get("sepa_debit") or {}).get("iban")
    if not iban:
        raise missing_param("sepa_debit[iban]")
    billing = params.get("billing_details") or {}
    for name in ("name", "email"):
        if not billing.get(name):
            raise missing_param(f"billing_details[{name}]")
    account = account_by_iban(iban)
    method = make_sepa_method(world, account, name=billing["name"], email=billing["email"])
    method["metadata"] = merged({}, params.get("metadata"))
    _bill_to(method, billing)
    return method


def _bill_to(method: Json, given: Json | None) -> None:
    for name, value in (given or {}).items():
        if name == "address":
            method["billing_details"]["address"] = {**method["billing_details"]["address"], **(value or {})}
        else:
            method["billing_details"][name] = value or None


ROUTES = [
    Route("POST", "/v1/payment_methods", create),
    Route("GET", "/v1/payment_methods", list_all),
    Route("GET", "/v1/payment_methods/{payment_method}", retrieve),
    Route("POST", "/v1/payment_methods/{payment_method}", update),
    Route("POST", "/v1/payment_methods/{payment_method}/attach", attach_to_customer),
    Route("POST", "/v1/payment_methods/{payment_method}/detach", detach),
]
