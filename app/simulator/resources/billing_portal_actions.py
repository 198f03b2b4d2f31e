"""What happens when somebody presses a button in the billing portal: the API's own operations."""

from typing import Any

from app.simulator.engine.cards import Card
from app.simulator.engine.errors import StripeError, invalid
from app.simulator.engine.methods import make_card_method
from app.simulator.engine.routes import Call
from app.simulator.engine.world import World
from app.simulator.resources import customers, payment_methods, subscriptions
from app.simulator.resources.billing_portal_sessions import DISABLED, ENDED, check_change
from app.simulator.resources.setup_intents import confirm_setup, new_setup_intent

Json = dict[str, Any]


def configuration_of(world: World, session: Json) -> Json:
    """What a session's owner may do."""
    return world.get("billing_portal.configuration", session["configuration"])


def subscription_of(world: World, session: Json, subscription_id: str) -> Json:
    """A subscription of the session's customer, its clock in charge.

    Raises: StripeError: it is somebody else's, or it has ended.
    """
    subscription = world.get("subscription", subscription_id)
    if subscription["customer"] != session["customer"] or subscription["status"] in ENDED:
        raise invalid("This subscription cannot be changed.")
    world.enter_test_clock(subscription.get("test_clock"))
    return subscription


def add_card(
    world: World,
    session: Json,
    card: Card,
    *,
    expiry: tuple[int, int],
    name: str,
    subscription: str | None = None,
) -> Json:
    """Save a card and charge it from now on: for one subscription, or for everything.

    Returns: the setup intent; `requires_action` while 3-D Secure waits. Open invoices stay open.
    Raises: StripeError: 402 when the card is refused.
    """
    _require(world, session, "payment_method_update")
    customer = customers.find(Call(world, {}), session["customer"])
    method = make_card_method(world, card, expiry=expiry)
    method["billing_details"] |= {"email": customer.get("email"), "name": name}
    world.create(method)
    intent = new_setup_intent(world, customer=customer["id"], metadata={}, _portal_subscription=subscription)
    world.create(intent, "setup_intent.created")
    session["_intent"] = intent["id"]
    world.save(session)
    return _set_up(world, intent, method, authenticated=False)


def finish_card(world: World, session: Json, *, passed: bool) -> Json:
    """Somebody comes back from 3-D Secure. Raises: StripeError: 402 when it was failed."""
    customers.find(Call(world, {}), session["customer"])
    intent = world.get("setup_intent", session.get("_intent") or "")
    if intent["status"] != "requires_action":
        raise invalid("Nothing waits to be authenticated.")
    method = world.get("payment_method", intent["payment_method"])
    if passed:
        return _set_up(world, intent, method, authenticated=True)
    intent |= {"next_action": None, "payment_method": None, "status": "requires_payment_method"}
    world.save(intent, "setup_intent.setup_failed")
    raise _not_authenticated()


def choose_card(world: World, session: Json, method_id: str) -> Json:
    """Charge a card that is already saved from now on."""
    _require(world, session, "payment_method_update")
    _own_method(world, session, method_id)
    settings = {"invoice_settings": {"default_payment_method": method_id}}
    return customers.update(Call(world, settings, {"customer": session["customer"]}))


def remove_card(world: World, session: Json, method_id: str) -> Json:
    """Forget a card, unless it is the one that is charged."""
    _require(world, session, "payment_method_update")
    method = _own_method(world, session, method_id)
    if method_id in charged_methods(world, session["customer"]):
        raise invalid("This payment method is in use and cannot be removed.")
    return payment_methods.detach(Call(world, {}, {"payment_method": method["id"]}))


def charged_methods(world: World, customer_id: str) -> set[str]:
    """The payment methods a customer's subscriptions and invoices are charged to."""
    customer = world.get("customer", customer_id)
    alive = [one for one in world.store.linked("subscription", "customer", customer_id) if _alive(one)]
    wanted = [one.get("default_payment_method") for one in alive]
    return {one for one in [customer["invoice_settings"]["default_payment_method"], *wanted] if one}


def cancel(
    world: World, session: Json, subscription_id: str, *, feedback: str | None, comment: str | None
) -> Json:
    """End a subscription as the configuration says, now or with its period.

    In flexible billing mode the portal sets `cancel_at` and leaves `cancel_at_period_end` alone.
    """
    feature = _require(world, session, "subscription_cancel")
    subscription = subscription_of(world, session, subscription_id)
    reason = {name: said for name, said in (("feedback", feedback), ("comment", comment)) if said}
    details: Json = {"cancellation_details": reason} if reason else {}
    ids = {"subscription_exposed_id": subscription_id}
    if feature["mode"] == "immediately":
        return subscriptions.cancel(Call(world, details, ids))
    flexible = subscription["billing_mode"]["type"] == "flexible"
    when = {"cancel_at": "max_period_end"} if flexible else {"cancel_at_period_end": True}
    return subscriptions.update(Call(world, {**details, **when}, ids))


def keep(world: World, session: Json, subscription_id: str) -> Json:
    """Take a cancellation back before it is carried out."""
    _require(world, session, "subscription_cancel")
    subscription = subscription_of(world, session, subscription_id)
    back: Json = (
        {"cancel_at_period_end": False} if subscription["cancel_at_period_end"] else {"cancel_at": ""}
    )
    return subscriptions.update(Call(world, back, {"subscription_exposed_id": subscription_id}))


def change_plan(world: World, session: Json, subscription_id: str, change: Json) -> Json:
    """Change price and quantity.

    Args: change: `price` and `quantity`. Raises: StripeError: a change the configuration does not offer.
    """
    feature = _require(world, session, "subscription_update")
    subscription = subscription_of(world, session, subscription_id)
    [item] = subscription["items"]["data"]
    price = world.get("price", change["price"])
    check_change(configuration_of(world, session), item, change, price["product"], where="")
    params: Json = {
        "items": [{"id": item["id"], **change}],
        "proration_behavior": feature["proration_behavior"],
    }
    if feature["billing_cycle_anchor"] == "now":
        params["billing_cycle_anchor"] = "now"
    if subscription["status"] == "trialing" and feature["trial_update_behavior"] == "end_trial":
        params["trial_end"] = "now"
    return subscriptions.update(Call(world, params, {"subscription_exposed_id": subscription_id}))


def change_details(world: World, session: Json, given: dict[str, str]) -> Json:
    """Change the name, address and so on that the configuration allows; others are left alone."""
    feature = _require(world, session, "customer_update")
    plain = {name: given[name] for name in ("email", "name", "phone") if name in given}
    params: Json = {name: value for name, value in plain.items() if name in feature["allowed_updates"]}
    if "address" in feature["allowed_updates"]:
        names = ("line1", "line2", "city", "postal_code", "state", "country")
        params["address"] = {name: given.get(name) or None for name in names}
    return customers.update(Call(world, params, {"customer": session["customer"]}))


def _set_up(world: World, intent: Json, method: Json, *, authenticated: bool) -> Json:
    intent = confirm_setup(world, intent, method, authenticated=authenticated)
    if intent["status"] != "succeeded":
        return intent
    wanted = intent.get("_portal_subscription")
    if wanted:
        params = {"default_payment_method": method["id"]}
        subscriptions.update(Call(world, params, {"subscription_exposed_id": wanted}))
    else:
        settings = {"invoice_settings": {"default_payment_method": method["id"]}}
        customers.update(Call(world, settings, {"customer": intent["customer"]}))
    return intent


def _require(world: World, session: Json, name: str) -> Json:
    feature: Json = configuration_of(world, session)["features"][name]
    if not feature["enabled"]:
        raise invalid(DISABLED[name])
    return feature


def _own_method(world: World, session: Json, method_id: str) -> Json:
    method = world.get("payment_method", method_id)
    if method.get("customer") != session["customer"]:
        raise invalid("This payment method belongs to somebody else.")
    return method


def _alive(subscription: Json) -> bool:
    return subscription["status"] not in ENDED


def _not_authenticated() -> StripeError:
    message = (
        "We are unable to authenticate your payment method. Please choose a different payment method and try "
        "again."
    )
    error = {"code": "setup_intent_authentication_failure", "message": message, "type": "card_error"}
    return StripeError(402, error, commits=True)
