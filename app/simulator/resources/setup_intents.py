"""Setup intents: saving a card for later."""

from typing import Any

from app.simulator.engine.errors import StripeError, invalid
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.method_types import ALLOWED, EXCLUDED, type_fields
from app.simulator.engine.methods import attach, card_of, find_method
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.sepa import mandate_of
from app.simulator.engine.world import World
from app.simulator.resources import customers
from app.simulator.resources.payment_intents import NO_MANDATE, acceptance_of

Json = dict[str, Any]
WAITING = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(call: Call) -> Json:
    """`POST /v1/setup_intents`."""
    world, params = call.world, call.params
    if "customer" in params:
        customers.find(call, params["customer"], param="customer")
    intent = new_setup_intent(
        world,
        customer=params.get("customer"),
        metadata=merged({}, params.get("metadata")),
        **pick(params, "description", "usage"),
        **type_fields(params),
    )
    if "payment_method" in params:
        intent |= {
            "payment_method": find_method(world, params["payment_method"])["id"],
            "status": "requires_confirmation",
        }
    world.create(intent, "setup_intent.created")
    return _confirm(world, intent, params) if params.get("confirm") else intent


def retrieve(call: Call) -> Json:
    """`GET /v1/setup_intents/{intent}`."""
    return call.world.get("setup_intent", call.id)


def update(call: Call) -> Json:
    """`POST /v1/setup_intents/{intent}`, until it has succeeded or been canceled."""
    world, params = call.world, call.params
    intent = world.get("setup_intent", call.id)
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    intent |= pick(params, "description")
    if {"customer", "payment_method", ALLOWED, EXCLUDED} & params.keys():
        _require_waiting(intent)
    if params.get("customer"):
        intent["customer"] = customers.find(call, params["customer"], param="customer")["id"]
    intent |= type_fields(params)
    if params.get("payment_method"):
        intent |= {
            "payment_method": find_method(world, params["payment_method"])["id"],
            "status": "requires_confirmation",
        }
    return world.save(intent)


def confirm(call: Call) -> Json:
    """`POST /v1/setup_intents/{intent}/confirm`."""
    intent = call.world.get("setup_intent", call.id)
    _require_waiting(intent)
    if "payment_method" in call.params:
        intent["payment_method"] = find_method(call.world, call.params["payment_method"])["id"]
    return _confirm(call.world, intent, call.params)


def cancel(call: Call) -> Json:
    """`POST /v1/setup_intents/{intent}/cancel`."""
    intent = call.world.get("setup_intent", call.id)
    _require_waiting(intent)
    intent |= {"cancellation_reason": call.params.get("cancellation_reason"), "status": "canceled"}
    return call.world.save(intent, "setup_intent.canceled")


def list_all(call: Call) -> Json:
    """`GET /v1/setup_intents`."""
    return list_objects(
        call.world,
        "setup_intent",
        call.params,
        url="/v1/setup_intents",
        filters=("customer", "payment_method"),
    )


def new_setup_intent(world: World, *, customer: str | None, metadata: Json, **fields: Any) -> Json:
    """A setup intent that waits for a payment method, not yet stored."""
    intent_id = new_id("setup_intent")
    return {
        "id": intent_id,
        "object": "setup_intent",
        "client_secret": f"{intent_id}_secret_{random_text(25)}",
        "created": world.now(),
        "customer": customer,
        "livemode": False,
        "metadata": metadata,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
        **fields,
    }


def confirm_setup(world: World, intent: Json, method: Json, *, authenticated: bool) -> Json:
    """Save the card, unless it wants 3-D Secure first.

    Raises: StripeError: 402 when the card is refused.
    """
    card = card_of(method)
    intent["payment_method"] = method["id"]
    if card.authenticate in {"always", "unless_set_up"} and not authenticated:
        url = f"{world.base_url}/_sim/authenticate/{intent['id']}"
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url}}
        intent |= {"next_action": action, "status": "requires_action"}
        return world.save(intent, "setup_intent.requires_action")
    if card.attach_decline:
        _refuse(world, intent, method)
    if method["type"] == "sepa_debit":
        intent["mandate"] = mandate_of(world, method, intent.pop("_acceptance", None))["id"]
        intent["payment_method_types"] = sorted({*intent["payment_method_types"], "sepa_debit"})
    if intent.get("customer"):
        attach(world, method, intent["customer"])
    method["_set_up"] = True
    world.save(method)
    intent |= {"last_setup_error": None, "next_action": None, "status": "succeeded"}
    return world.save(intent, "setup_intent.succeeded")


def _refuse(world: World, intent: Json, method: Json) -> None:
    try:
        attach(world, method, intent.get("customer") or "")
    except StripeError as error:
        intent |= {
            "last_setup_error": {**error.error, "payment_method": world.present(method)},
            "payment_method": None,
            "status": "requires_payment_method",
        }
        intent["last_setup_error"].pop("param", None)
        world.save(intent, "setup_intent.setup_failed")
        error.commits = True
        raise


def _confirm(world: World, intent: Json, params: Json) -> Json:
    if not intent.get("payment_method"):
        raise invalid(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
        )
    method = find_method(world, intent["payment_method"])
    if method["type"] == "sepa_debit" and not method.get("_mandate"):
        if "mandate_data" not in params:
            raise invalid(NO_MANDATE, param="mandate_data")
        intent["_acceptance"] = acceptance_of(params)
    return confirm_setup(world, intent, method, authenticated=bool(params.get("_authenticated")))


def _require_waiting(intent: Json) -> None:
    if intent["status"] not in WAITING:
        raise invalid(
            f"You cannot change this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
        )


ROUTES = [
    Route("POST", "/v1/setup_intents", create),
    Route("GET", "/v1/setup_intents", list_all),
    Route("GET", "/v1/setup_intents/{intent}", retrieve),
    Route("POST", "/v1/setup_intents/{intent}", update),
    Route("POST", "/v1/setup_intents/{intent}/confirm", confirm),
    Route("POST", "/v1/setup_intents/{intent}/cancel", cancel),
]
