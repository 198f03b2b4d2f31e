"""Payment intents."""

from typing import Any

from app.simulator.engine.cards import Decline
from app.simulator.engine.errors import StripeError, card_error, invalid
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import attach, declined, find_method
from app.simulator.engine.money import check_amount, check_currency
from app.simulator.engine.payments import Attempt, confirm, new_intent
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World
from app.simulator.resources import customers

Json = dict[str, Any]
PLAIN_FIELDS = (
    "description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
    "statement_descriptor_suffix", "transfer_group",
)  # fmt: skip
CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
CANCELABLE = CONFIRMABLE | {"processing", "requires_capture"}


def create(call: Call) -> Json:
    """`POST /v1/payment_intents`, confirmed at once when asked."""
    world, params = call.world, call.params
    currency = check_currency(params["currency"])
    check_amount(params["amount"], currency)
    if "customer" in params:
        customers.find(call, params["customer"], param="customer")
    intent = new_intent(
        world,
        amount=params["amount"],
        currency=currency,
        customer=params.get("customer"),
        **pick(params, *PLAIN_FIELDS),
        metadata=merged({}, params.get("metadata")),
    )
    if "payment_method_types" not in params:
        intent["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
    if "payment_method" in params:
        intent["payment_method"] = find_method(world, params["payment_method"])["id"]
        intent["status"] = "requires_confirmation"
    world.create(intent, "payment_intent.created")
    return _confirm(call, intent) if params.get("confirm") else intent


def retrieve(call: Call) -> Json:
    """`GET /v1/payment_intents/{intent}`."""
    return call.world.get("payment_intent", call.id)


def update(call: Call) -> Json:
    """`POST /v1/payment_intents/{intent}`, until it is paid or canceled."""
    world, params = call.world, call.params
    intent = world.get("payment_intent", call.id)
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    intent |= pick(params, *PLAIN_FIELDS)
    if {"amount", "currency", "payment_method", "customer"} & params.keys():
        _require(intent, CONFIRMABLE, "update")
        intent |= pick(params, "amount", "currency", "customer")
        check_amount(intent["amount"], intent["currency"])
    if "payment_method" in params:
        intent["payment_method"] = find_method(world, params["payment_method"])["id"]
        intent["status"] = "requires_confirmation"
    return world.save(intent)


def confirm_intent(call: Call) -> Json:
    """`POST /v1/payment_intents/{intent}/confirm`."""
    intent = call.world.get("payment_intent", call.id)
    _require(intent, CONFIRMABLE, "confirm")
    if "payment_method" in call.params:
        intent["payment_method"] = find_method(call.world, call.params["payment_method"])["id"]
    intent |= pick(call.params, "receipt_email", "setup_future_usage")
    return _confirm(call, intent)


def cancel(call: Call) -> Json:
    """`POST /v1/payment_intents/{intent}/cancel`."""
    intent = call.world.get("payment_intent", call.id)
    _require(intent, CANCELABLE, "cancel")
    intent |= {
        "canceled_at": call.world.now(),
        "cancellation_reason": call.params.get("cancellation_reason"),
        "next_action": None,
        "status": "canceled",
    }
    return call.world.save(intent, "payment_intent.canceled")


def list_all(call: Call) -> Json:
    """`GET /v1/payment_intents`."""
    return list_objects(
        call.world, "payment_intent", call.params, url="/v1/payment_intents", filters=("customer",)
    )


def last_error(world: World, intent: Json) -> StripeError | None:
    """The 402 a failed confirmation answers with, carrying the intent."""
    error = intent.get("last_payment_error")
    if not error or intent["status"] != "requires_payment_method":
        return None
    if "decline_code" not in error:
        return card_error(error["message"], code=error["code"], decline_code=None, extra={})
    why = Decline(error["code"], error["decline_code"])
    extra = {
        "charge": error["charge"],
        "payment_intent": world.present(intent),
        "payment_method": error["payment_method"],
    }
    return declined(why, extra)


def _confirm(call: Call, intent: Json) -> Json:
    world, params = call.world, call.params
    if not intent.get("payment_method"):
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either "
            "update the PaymentIntent with a payment method and then confirm it again, or confirm it again "
            "directly with a payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
        )
    intent["_return_url"] = params.get("return_url")
    method = find_method(world, intent["payment_method"])
    confirm(world, intent, method, Attempt(off_session=params.get("off_session") in (True, "true")))
    error = last_error(world, intent)
    if error:
        raise error
    if intent["status"] == "succeeded" and intent.get("customer") and intent.get("setup_future_usage"):
        attach(world, find_method(world, method["id"]), intent["customer"])
    return intent


def _require(intent: Json, statuses: set[str], verb: str) -> None:
    if intent["status"] in statuses:
        return
    raise invalid(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a "
        f"PaymentIntent with one of the following statuses may be {verb}ed: {', '.join(sorted(statuses))}.",
        code="payment_intent_unexpected_state",
    )


ROUTES = [
    Route("POST", "/v1/payment_intents", create),
    Route("GET", "/v1/payment_intents", list_all),
    Route("GET", "/v1/payment_intents/{intent}", retrieve),
    Route("POST", "/v1/payment_intents/{intent}", update),
    Route("POST", "/v1/payment_intents/{intent}/confirm", confirm_intent),
    Route("POST", "/v1/payment_intents/{intent}/cancel", cancel),
]
