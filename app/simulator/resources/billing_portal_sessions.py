"""Sessions of the billing portal: one person's way in, to all of it or to one flow."""

from typing import Any

from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.ids import random_text
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World
from app.simulator.resources.billing_portal_configurations import (
    KIND as CONFIGURATION,
)
from app.simulator.resources.billing_portal_configurations import (
    check_address,
    find_default,
    not_built,
)

Json = dict[str, Any]
KIND = "billing_portal.session"
UNSEEN_SECONDS = 300
"""How long an address nobody opens can be opened."""
IDLE_SECONDS = 3600
ENDED = {"canceled", "incomplete_expired"}
UNCOVERED = ("after_expiration", "customer_account", "on_behalf_of")
FLOW_DETAILS = (
    "customer_update", "subscription_cancel", "subscription_pause", "subscription_update",
    "subscription_update_confirm",
)  # fmt: skip
NO_DEFAULT = (
    "No configuration provided and your test mode default configuration has not been created. Provide a "
    "configuration or create your default by saving your customer portal settings in test mode at "
    "https://dashboard.stripe.com/test/settings/billing/portal. (Of the local Stripe, at /console/portal.)"
)
DISABLED = {
    "customer_update": "This customer cannot be updated because the customer update feature in the portal "
    "configuration is disabled.",
    "payment_method_update": "The payment method cannot be updated because the payment method update feature "
    "in the portal configuration is disabled.",
    "subscription_cancel": "This subscription cannot be canceled because the subscription cancellation "
    "feature in the portal configuration is disabled.",
    "subscription_update": "This subscription cannot be updated because the subscription update feature in "
    "the portal configuration is disabled.",
}


def create(call: Call) -> Json:
    """`POST /v1/billing_portal/sessions`."""
    world, params = call.world, call.params
    for name in UNCOVERED:
        if name in params:
            raise not_built(name, param=name)
    if "customer" not in params:
        raise missing_param("customer")
    customer = world.get("customer", params["customer"], param="customer")
    configuration = _configuration(world, params)
    check_address(params.get("return_url"), "return_url")
    flow = _flow(world, params["flow_data"], customer, configuration) if "flow_data" in params else None
    token = f"test_{random_text(60)}"
    return world.create(
        {
            "object": KIND,
            "configuration": configuration["id"],
            "created": world.now(),
            "customer": customer["id"],
            "flow": flow,
            "livemode": False,
            "locale": None,
            "return_url": configuration.get("default_return_url"),
            "url": f"{world.base_url}/p/session/{token}",
            **pick(params, "locale", "return_url"),
            "_expires_at": world.now() + UNSEEN_SECONDS,
            "_token": token,
        },
        f"{KIND}.created",
    )


def find_by_token(world: World, token: str) -> Json | None:
    """The session behind an address, or None."""
    return next(iter(world.store.linked(KIND, "_token", token)), None)


def visit(world: World, session: Json) -> bool:
    """Keep a session alive because somebody is there; False when it has run out.

    A portal runs on the account's clock even for customers of a test clock.
    """
    if session["_expires_at"] <= world.clock.now():
        return False
    session["_expires_at"] = world.clock.now() + IDLE_SECONDS
    world.save(session)
    return True


def allowed_prices(configuration: Json) -> list[str]:
    """The prices people may change to."""
    products = configuration["features"]["subscription_update"]["products"] or []
    return [price for product in products for price in product["prices"]]


def quantity_rule(configuration: Json, product_id: str) -> Json | None:
    """How many of a product people may choose, `minimum` and `maximum`; None where they may not."""
    feature = configuration["features"]["subscription_update"]
    if "quantity" not in feature["default_allowed_updates"]:
        return None
    rules = {one["product"]: one["adjustable_quantity"] for one in feature["products"] or []}
    rule = rules.get(product_id)
    return rule if rule and rule["enabled"] else None


def _configuration(world: World, params: Json) -> Json:
    if "configuration" not in params:
        found = find_default(world)
        if found is None:
            raise invalid(NO_DEFAULT)
        return found
    configuration = world.get(CONFIGURATION, params["configuration"], param="configuration")
    if not configuration["active"]:
        raise invalid(
            f"The configuration `{configuration['id']}` is not active and cannot be used to create portal "
            "sessions.",
            param="configuration",
        )
    return configuration


def _flow(world: World, given: Json, customer: Json, configuration: Json) -> Json:
    kind = given["type"]
    if kind == "subscription_pause":
        raise not_built("pausing", param="flow_data[type]")
    for name in FLOW_DETAILS:
        if name in given and name != kind:
            raise invalid(
                f"You can only pass `flow_data[{name}]` with `flow_data[type]={name}`.",
                param=f"flow_data[{name}]",
            )
    if kind.startswith("subscription_"):
        if kind not in given:
            raise missing_param(f"flow_data[{kind}]")
        _check_subscription(world, kind, given[kind], customer)
    feature = kind.removesuffix("_confirm")
    if not configuration["features"][feature]["enabled"]:
        raise invalid(DISABLED[feature])
    details = given.get(kind, {})
    if kind == "subscription_update_confirm":
        details = {**details, "items": [_change(world, details, configuration)]}
    flow: Json = {"after_completion": _after_completion(given.get("after_completion")), "type": kind}
    return {**flow, kind: details} if kind in FLOW_DETAILS else flow


def _after_completion(given: Json | None) -> Json:
    given = given or {"type": "portal_homepage"}
    kind = given["type"]
    for name in ("redirect", "hosted_confirmation"):
        if name in given and name != kind:
            raise invalid(
                f"You can only pass `flow_data[after_completion][{name}]` with its type `{name}`.",
                param=f"flow_data[after_completion][{name}]",
            )
    if kind == "redirect":
        if "redirect" not in given:
            raise missing_param("flow_data[after_completion][redirect]")
        where = "flow_data[after_completion][redirect][return_url]"
        check_address(given["redirect"]["return_url"], where)
    confirmation = {"custom_message": None, **given.get("hosted_confirmation", {})}
    return {
        "hosted_confirmation": confirmation if kind == "hosted_confirmation" else None,
        "redirect": given.get("redirect"),
        "type": kind,
    }


def _check_subscription(world: World, kind: str, given: Json, customer: Json) -> None:
    param = f"flow_data[{kind}][subscription]"
    subscription = world.get("subscription", given["subscription"], param=param)
    if subscription["customer"] != customer["id"]:
        raise invalid(
            f"The subscription `{subscription['id']}` does not belong to the customer `{customer['id']}`.",
            param=param,
        )
    if subscription["status"] in ENDED:
        raise invalid(f"The subscription `{subscription['id']}` is canceled.", param=param)
    if kind == "subscription_cancel":
        if "retention" in given:
            raise not_built("retention offers", param="flow_data[subscription_cancel][retention]")
        if subscription.get("cancel_at"):
            raise invalid("The subscription is already set to be canceled at period end.", param=param)
        return
    if len(subscription["items"]["data"]) > 1:
        raise invalid(
            "This subscription cannot be updated because it has more than one subscription item.", param=param
        )


def _change(world: World, given: Json, configuration: Json) -> Json:
    """The one change to confirm. Raises: StripeError: one the configuration does not let people make."""
    where = "flow_data[subscription_update_confirm]"
    if given.get("discounts"):
        raise not_built("discounts", param=f"{where}[discounts]")
    if len(given["items"]) != 1:
        raise invalid("You can only update one subscription item.", param=f"{where}[items]")
    wanted = given["items"][0]
    subscription = world.get("subscription", given["subscription"])
    [item] = subscription["items"]["data"]
    if wanted["id"] != item["id"]:
        raise invalid(
            f"No such subscription item: '{wanted['id']}'",
            param=f"{where}[items][0][id]",
            code="resource_missing",
        )
    price = world.get("price", wanted.get("price", item["price"]), param=f"{where}[items][0][price]")
    change = {"id": item["id"], "price": price["id"], "quantity": wanted.get("quantity", item["quantity"])}
    check_change(configuration, item, change, price["product"], where=f"{where}[items][0]")
    return change


def check_change(configuration: Json, item: Json, change: Json, product: str, *, where: str) -> None:
    """Raises: StripeError: not a change the configuration lets people make, or none at all."""
    if change["price"] == item["price"] and change["quantity"] == item["quantity"]:
        raise invalid("The subscription cannot be updated because there are no changes to confirm.")
    allowed = configuration["features"]["subscription_update"]["default_allowed_updates"]
    is_listed = change["price"] in allowed_prices(configuration)
    if change["price"] != item["price"] and not (is_listed and "price" in allowed):
        raise invalid(
            f"The price `{change['price']}` is not one the portal configuration lets subscriptions be "
            "updated to.",
            param=f"{where}[price]",
        )
    if change["quantity"] != item["quantity"]:
        rule = quantity_rule(configuration, product)
        most = rule["maximum"] if rule and rule["maximum"] is not None else change["quantity"]
        if rule is None or not rule["minimum"] <= change["quantity"] <= most:
            raise invalid(
                "The portal configuration does not allow this quantity.", param=f"{where}[quantity]"
            )


ROUTES = [Route("POST", "/v1/billing_portal/sessions", create)]
