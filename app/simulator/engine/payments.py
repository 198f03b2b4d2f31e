"""Taking a payment: authentication, the charge, and its place in the balance."""

from dataclasses import dataclass
from typing import Any

from app.simulator.engine.balance import post_charge
from app.simulator.engine.cards import Card, Decline
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.methods import card_of, details_for_charge
from app.simulator.engine.world import World

Json = dict[str, Any]
AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. "
    "Please choose a different payment method and try again."
)


@dataclass(frozen=True)
class Attempt:
    """How a payment is tried.

    Attributes: off_session: nobody is there to authenticate; authenticated: 3-D Secure was
    completed; for_invoice: an invoice waits for a reader to authenticate instead of failing.
    """

    off_session: bool = False
    authenticated: bool = False
    for_invoice: bool = False


def new_intent(world: World, *, amount: int, currency: str, customer: str | None, **fields: Any) -> Json:
    """A payment intent that waits for a payment method, not yet stored."""
    intent_id = new_id("payment_intent")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{random_text(25)}",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": currency,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        **fields,
    }


def confirm(world: World, intent: Json, method: Json, attempt: Attempt) -> Json:
    """Try to take a payment; look at the intent's `status` for how it went.

    Charges and intent events are emitted; the balance transaction follows in `charge.updated`,
    as it does at Stripe for payments captured asynchronously.
    """
    card = card_of(method)
    intent["payment_method"] = method["id"]
    if _must_authenticate(card, method, attempt):
        return _ask_to_authenticate(world, intent, method, attempt)
    if card.decline:
        return decline(world, intent, method, card.decline)
    return _succeed(world, intent, method, attempt)


def fail_authentication(world: World, intent: Json) -> Json:
    """The person paying did not pass 3-D Secure."""
    method = world.present(world.get("payment_method", intent["payment_method"]))
    intent["last_payment_error"] = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://docs.stripe.com/error-codes#payment-intent-authentication-failure",
        "message": AUTHENTICATION_FAILED,
        "payment_method": method,
        "type": "invalid_request_error",
    }
    return _back_to_start(world, intent)


def decline(world: World, intent: Json, method: Json, why: Decline) -> Json:
    """Record a refused payment: a failed charge, and an intent that wants another card."""
    charge = _charge(world, intent, method, authenticated=False)
    charge |= {
        "amount_captured": 0,
        "captured": False,
        "failure_code": why.code,
        "failure_message": why.message,
        "outcome": _outcome(why),
        "paid": False,
        "receipt_url": None,
        "status": "failed",
    }
    world.create(charge, "charge.failed")
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = {
        "charge": charge["id"],
        "code": why.code,
        "decline_code": why.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes#{why.code.replace('_', '-')}",
        "message": why.message,
        "payment_method": world.present(method),
        "type": "card_error",
    }
    return _back_to_start(world, intent)


def book_charge(world: World, charge_id: str) -> None:
    """Give a charge its balance transaction, and say so."""
    charge = world.get("charge", charge_id)
    method = world.get("payment_method", charge["payment_method"])
    transaction = post_charge(world, charge, at_once=card_of(method).available_at_once)
    charge["balance_transaction"] = transaction["id"]
    world.save(charge, "charge.updated")


def _succeed(world: World, intent: Json, method: Json, attempt: Attempt) -> Json:
    charge = world.create(
        _charge(world, intent, method, authenticated=attempt.authenticated), "charge.succeeded"
    )
    if card_of(method).dispute:
        world.jobs["charge_disputed"](world, charge["id"])
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "status": "succeeded",
    }
    world.save(intent, "payment_intent.succeeded")
    if intent.get("setup_future_usage") == "off_session" and not method["_set_up"]:
        method["_set_up"] = True
        world.save(method)
    delay_seconds = world.store.read_meta("balance_delay_seconds") or 0
    if delay_seconds:
        world.schedule(world.now() + delay_seconds, "charge_booked", charge["id"])
    else:
        book_charge(world, charge["id"])
    return intent


def _must_authenticate(card: Card, method: Json, attempt: Attempt) -> bool:
    if attempt.authenticated or card.authenticate == "never":
        return False
    if card.authenticate == "unless_set_up":
        return not (attempt.off_session and method["_set_up"])
    return card.authenticate == "always" or not attempt.off_session


def _ask_to_authenticate(world: World, intent: Json, method: Json, attempt: Attempt) -> Json:
    if attempt.off_session and not attempt.for_invoice:
        return decline(world, intent, method, Decline("authentication_required", "authentication_required"))
    url = f"{world.base_url}/_sim/authenticate/{intent['id']}"
    back = intent.get("_return_url")
    if back:
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": url}}
    else:
        action = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url},
        }
    intent |= {"next_action": action, "status": "requires_action"}
    return world.save(intent, "payment_intent.requires_action")


def _back_to_start(world: World, intent: Json) -> Json:
    intent |= {"next_action": None, "payment_method": None, "status": "requires_payment_method"}
    return world.save(intent, "payment_intent.payment_failed")


def _charge(world: World, intent: Json, method: Json, *, authenticated: bool) -> Json:
    charge_id = new_id("charge")
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SIMULATED NEWSROOM",
        "captured": True,
        "created": world.now(),
        "currency": intent["currency"],
        "customer": intent.get("customer"),
        "description": intent.get("description"),
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": _outcome(None),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details_for_charge(method, three_d_secure=authenticated),
        "receipt_email": intent.get("receipt_email"),
        "receipt_url": f"{world.base_url}/receipts/{charge_id}",
        "refunded": False,
        "statement_descriptor_suffix": intent.get("statement_descriptor_suffix"),
        "status": "succeeded",
    }


def _outcome(why: Decline | None) -> Json:
    if why is None:
        return {
            "network_status": "approved_by_network",
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    fraudulent = why.decline_code == "fraudulent"
    return {
        "network_status": "not_sent_to_network" if fraudulent else "declined_by_network",
        "reason": why.decline_code or why.code,
        "risk_level": "highest" if fraudulent else "normal",
        "risk_score": 93 if fraudulent else 12,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "blocked" if fraudulent else "issuer_declined",
    }
