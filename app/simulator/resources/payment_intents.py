"""Payment intents."""

from typing import Any

from app.simulator.engine import payments
from app.simulator.engine.cards import Decline
from app.simulator.engine.errors import StripeError, card_error, invalid, missing_param
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.method_types import ALLOWED, EXCLUDED, takes, type_fields
from app.simulator.engine.methods import attach, customer_clock, declined, find_method
from app.simulator.engine.money import check_amount, check_currency, labelled
from app.simulator.engine.payments import Attempt, confirm, new_intent
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World
from app.simulator.resources import customers

Json = dict[str, Any]
PLAIN_FIELDS = (
    "description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
    "statement_descriptor_suffix", "transfer_group",
)  # fmt: skip
MONEY_FIELDS = {"amount", "currency", "payment_method", "customer", "capture_method", ALLOWED, EXCLUDED}
CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
CANCELABLE = CONFIRMABLE | {"requires_capture"}
CHANGEABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
PAST = {"cancel": "canceled", "capture": "captured", "confirm": "confirmed", "update": "updated"}
NO_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
    "payment method or ConfirmationToken."
)
NO_MANDATE = (
    "You must provide `mandate_data[customer_acceptance]` when confirming with a payment method of type "
    "sepa_debit that has no mandate yet."
)


def create(call: Call) -> Json:
    """`POST /v1/payment_intents`, confirmed at once when asked."""
    world, params = call.world, call.params
    currency = check_currency(params["currency"])
    check_amount(params["amount"], currency)
    if params.get("off_session") and not params.get("confirm"):
        raise invalid("off_session can only be set when confirm is true.", param="off_session")
    if "customer" in params:
        customers.find(call, params["customer"], param="customer")
    intent = new_intent(
        world,
        amount=params["amount"],
        currency=currency,
        customer=params.get("customer"),
        **pick(params, *PLAIN_FIELDS, "capture_method"),
        metadata=merged({}, params.get("metadata")),
    )
    intent |= {"automatic_payment_methods": {"allow_redirects": "always", "enabled": True}}
    intent |= type_fields(params)
    if "payment_method" in params:
        intent |= {
            "payment_method": _allowed(world, intent, params["payment_method"])["id"],
            "status": "requires_confirmation",
        }
    world.create(intent, "payment_intent.created")
    return _confirm(call, intent) if params.get("confirm") else intent


def retrieve(call: Call) -> Json:
    """`GET /v1/payment_intents/{intent}`."""
    return call.world.get("payment_intent", call.id)


def update(call: Call) -> Json:
    """`POST /v1/payment_intents/{intent}`: everything until it is tried, words until the end."""
    world, params = call.world, call.params
    intent = find(call)
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    intent |= pick(params, *PLAIN_FIELDS)
    if MONEY_FIELDS & params.keys():
        _require(intent, CHANGEABLE, "update")
        intent |= pick(params, "amount", "currency", "customer", "capture_method")
        intent["currency"] = check_currency(intent["currency"])
        check_amount(intent["amount"], intent["currency"])
    intent |= type_fields(params)
    if "payment_method" in params:
        chosen = params["payment_method"]
        intent |= {
            "payment_method": _allowed(world, intent, chosen)["id"] if chosen else None,
            "status": "requires_confirmation" if chosen else "requires_payment_method",
        }
    return world.save(intent)


def confirm_intent(call: Call) -> Json:
    """`POST /v1/payment_intents/{intent}/confirm`."""
    intent = find(call)
    _require(intent, CONFIRMABLE, "confirm")
    if "payment_method" in call.params:
        intent["payment_method"] = _allowed(call.world, intent, call.params["payment_method"])["id"]
    intent |= pick(call.params, "receipt_email", "setup_future_usage")
    return _confirm(call, intent)


def capture(call: Call) -> Json:
    """`POST /v1/payment_intents/{intent}/capture`: all that is held, or part of it."""
    intent = find(call)
    _require(intent, {"requires_capture"}, "capture")
    most: int = intent["amount_capturable"]
    amount: int = call.params.get("amount_to_capture", most)
    if not 0 < amount <= most:
        raise invalid(
            "The remaining amount eligible for capture for this PaymentIntent is "
            f"{labelled(most, intent['currency'])}. The requested capture amount is greater than the "
            "remaining amount.",
            param="amount_to_capture",
            code="amount_too_large" if amount > most else "amount_too_small",
        )
    intent["metadata"] = merged(intent["metadata"], call.params.get("metadata"))
    return payments.capture(call.world, intent, amount)


def cancel(call: Call) -> Json:
    """`POST /v1/payment_intents/{intent}/cancel`."""
    intent = find(call)
    _require(intent, CANCELABLE, "cancel")
    if call.world.store.linked("invoice_payment", "payment.payment_intent", intent["id"]):
        raise invalid(
            "You cannot cancel this PaymentIntent because it is associated with an Invoice. Void the Invoice "
            "instead.",
            code="payment_intent_unexpected_state",
        )
    return payments.cancel(call.world, intent, call.params.get("cancellation_reason"))


def list_all(call: Call) -> Json:
    """`GET /v1/payment_intents`."""
    return list_objects(
        call.world, "payment_intent", call.params, url="/v1/payment_intents", filters=("customer",)
    )


def find(call: Call) -> Json:
    """The intent of the path, with the test clock of its customer in charge."""
    intent = call.world.get("payment_intent", call.id)
    call.world.enter_test_clock(customer_clock(call.world, intent.get("customer")))
    return intent


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


def _allowed(world: World, intent: Json, method_id: str) -> Json:
    method = find_method(world, method_id)
    if not takes(intent, method["type"]):
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. Please "
            "attach a PaymentMethod of one of the following types: "
            f"{', '.join(intent['payment_method_types'])}.",
            param="payment_method",
        )
    owner = method.get("customer")
    if owner and owner != intent.get("customer"):
        raise invalid(
            "The provided PaymentMethod belongs to a different Customer. Please include the Customer in the "
            "`customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    return method


def _confirm(call: Call, intent: Json) -> Json:
    world, params = call.world, call.params
    if not intent.get("payment_method"):
        raise invalid(NO_METHOD, code="payment_intent_unexpected_state")
    intent["_return_url"] = params.get("return_url")
    method = find_method(world, intent["payment_method"])
    if method["type"] == "sepa_debit" and not method.get("_mandate"):
        if "mandate_data" not in params:
            raise invalid(NO_MANDATE, param="mandate_data")
        intent["_acceptance"] = acceptance_of(params)
    confirm(world, intent, method, Attempt(off_session=params.get("off_session") in (True, "true")))
    error = last_error(world, intent)
    if error:
        raise error
    taken = intent["status"] in {"succeeded", "processing", "requires_capture"}
    if taken and intent.get("customer") and intent.get("setup_future_usage"):
        attach(world, find_method(world, method["id"]), intent["customer"])
    return intent


def acceptance_of(params: Json) -> Json | None:
    """How a mandate was accepted, by `mandate_data`. Raises: StripeError: it does not say."""
    given = params.get("mandate_data")
    if not given:
        return None
    acceptance: Json | None = given.get("customer_acceptance")
    if not acceptance:
        raise missing_param("mandate_data[customer_acceptance]")
    return acceptance


def _require(intent: Json, statuses: set[str], verb: str) -> None:
    if intent["status"] in statuses:
        return
    raise invalid(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a "
        f"PaymentIntent with one of the following statuses may be {PAST[verb]}: "
        f"{', '.join(sorted(statuses))}.",
        code="payment_intent_unexpected_state",
    )


ROUTES = [
    Route("POST", "/v1/payment_intents", create),
    Route("GET", "/v1/payment_intents", list_all),
    Route("GET", "/v1/payment_intents/{intent}", retrieve),
    Route("POST", "/v1/payment_intents/{intent}", update),
    Route("POST", "/v1/payment_intents/{intent}/capture", capture),
    Route("POST", "/v1/payment_intents/{intent}/confirm", confirm_intent),
    Route("POST", "/v1/payment_intents/{intent}/cancel", cancel),
]
