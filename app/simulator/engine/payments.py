"""Taking a payment: authentication, the charge, its capture."""

from dataclasses import dataclass
from typing import Any

from app.simulator.engine.cards import Card, Decline
from app.simulator.engine.charges import book_soon, failed, new_charge, outcome
from app.simulator.engine.debits import debit
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.methods import card_of
from app.simulator.engine.world import World

Json = dict[str, Any]
HELD_SECONDS = 7 * 86400
AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. "
    "Please choose a different payment method and try again."
)


@dataclass(frozen=True)
class Attempt:
    """How a payment is tried.

    Attributes: off_session: nobody is there to authenticate; authenticated: 3-D Secure was
    completed; for_invoice: an invoice waits for a reader to authenticate instead of failing;
    scheduled: it is one of an invoice's own tries, not one somebody asked for.
    """

    off_session: bool = False
    authenticated: bool = False
    for_invoice: bool = False
    scheduled: bool = False


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
    intent["payment_method"] = method["id"]
    if method["type"] == "sepa_debit":
        return debit(world, intent, method)
    card = card_of(method)
    if _must_authenticate(card, method, attempt):
        return _ask_to_authenticate(world, intent, method, attempt)
    if card.decline:
        return decline(world, intent, method, card.decline)
    return _succeed(world, intent, method, attempt)


def capture(world: World, intent: Json, amount: int) -> Json:
    """Take what was held, or part of it; the rest is let go.

    Args: amount: minor units, no more than `amount_capturable`.
    """
    world.unschedule(intent["id"], "authorization_expires")
    charge = world.get("charge", intent["latest_charge"])
    charge |= {"amount_captured": amount, "captured": True}
    world.save(charge, "charge.captured")
    intent |= {"amount_capturable": 0, "amount_received": amount, "status": "succeeded"}
    world.save(intent, "payment_intent.succeeded")
    book_soon(world, charge["id"])
    if card_of(world.get("payment_method", charge["payment_method"])).dispute:
        world.jobs["charge_disputed"](world, charge["id"])
    return intent


def cancel(world: World, intent: Json, reason: str | None) -> Json:
    """Cancel an intent that is not paid; what was held is let go."""
    if intent["status"] == "requires_capture":
        world.unschedule(intent["id"], "authorization_expires")
        _release(world, intent, "expired_uncaptured_charge" if reason == "automatic" else None)
    intent |= {
        "amount_capturable": 0,
        "canceled_at": world.now(),
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
    }
    return world.save(intent, "payment_intent.canceled")


def run_authorization_expires(world: World, ref: str) -> None:
    """What was held for a week without being captured is let go."""
    intent = world.get("payment_intent", ref)
    if intent["status"] == "requires_capture":
        world.emit("charge.expired", world.get("charge", intent["latest_charge"]))
        cancel(world, intent, "automatic")


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
    charge = failed(new_charge(world, intent, method), why.code, why.message)
    charge["outcome"] = outcome(why)
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


def _succeed(world: World, intent: Json, method: Json, attempt: Attempt) -> Json:
    charge = new_charge(world, intent, method, authenticated=attempt.authenticated)
    held = intent["capture_method"] == "manual"
    if held:
        charge |= {"amount_captured": 0, "captured": False}
    world.create(charge, "charge.succeeded")
    intent |= {"last_payment_error": None, "latest_charge": charge["id"], "next_action": None}
    if held:
        return _hold(world, intent)
    if card_of(method).dispute:
        world.jobs["charge_disputed"](world, charge["id"])
    intent |= {"amount_received": intent["amount"], "status": "succeeded"}
    world.save(intent, "payment_intent.succeeded")
    if intent.get("setup_future_usage") == "off_session" and not method["_set_up"]:
        method["_set_up"] = True
        world.save(method)
    book_soon(world, charge["id"])
    return intent


def _hold(world: World, intent: Json) -> Json:
    intent |= {"amount_capturable": intent["amount"], "status": "requires_capture"}
    world.save(intent, "payment_intent.amount_capturable_updated")
    world.schedule(world.now() + HELD_SECONDS, "authorization_expires", intent["id"])
    return intent


def _release(world: World, intent: Json, reason: str | None) -> None:
    charge = world.get("charge", intent["latest_charge"])
    world.create(
        {
            "object": "refund",
            "amount": charge["amount"],
            "charge": charge["id"],
            "created": world.now(),
            "currency": charge["currency"],
            "customer": charge.get("customer"),
            "destination_details": {"card": {"type": "reversal"}, "type": "card"},
            "metadata": {},
            "payment_intent": intent["id"],
            "payment_method": charge["payment_method"],
            "reason": reason,
            "status": "succeeded",
        },
        "refund.created",
    )
    charge |= {"amount_refunded": charge["amount"], "refunded": True}
    world.save(charge, "charge.refunded")


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
