"""Checkout sessions: what the reader is asked to pay on the hosted page."""

from typing import Any

from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.listing import as_list, list_objects, page_of
from app.simulator.engine.metadata import merged
from app.simulator.engine.method_types import type_fields
from app.simulator.engine.money import least_amount, spoken
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World
from app.simulator.resources import customers
from app.simulator.resources.prices import inline_price

Json = dict[str, Any]
DAY_SECONDS = 86400
SHORTEST_SECONDS = 1800
COPIED_FIELDS = (
    "adaptive_pricing", "allow_promotion_codes", "billing_address_collection", "client_reference_id",
    "customer_email", "locale", "origin_context", "payment_method_collection", "submit_type", "success_url",
    "cancel_url", "return_url", "integration_identifier",
)  # fmt: skip
MODE_ONLY = {
    "payment_intent_data": "payment",
    "subscription_data": "subscription",
    "customer_creation": "payment",
}


def create(call: Call) -> Json:
    """`POST /v1/checkout/sessions`."""
    world, params = call.world, call.params
    _check(params)
    customer = None
    if "customer" in params:
        customer = customers.find(call, params["customer"], param="customer")
    session_id = f"cs_test_a1{random_text(58)}"
    session = {
        "id": session_id,
        "object": "checkout.session",
        **_defaults(world, params),
        **pick(params, *COPIED_FIELDS),
        **_line_items(world, params),
        "custom_text": dict(pick(params.get("custom_text") or {}, *(params.get("custom_text") or {}))),
        "customer": customer["id"] if customer else None,
        "customer_details": _known_details(customer, params),
        "expires_at": _expiry(world, params),
        "metadata": merged({}, params.get("metadata")),
        "url": f"{world.base_url}/c/pay/{session_id}",
        "_payment_intent_data": params.get("payment_intent_data") or {},
        "_subscription_data": params.get("subscription_data") or {},
        "_setup_intent_data": params.get("setup_intent_data") or {},
    }
    world.create(session)
    world.schedule(session["expires_at"], "session_expire", session_id)
    return session


def retrieve(call: Call) -> Json:
    """`GET /v1/checkout/sessions/{session}`."""
    return call.world.get("checkout.session", call.id)


def update(call: Call) -> Json:
    """`POST /v1/checkout/sessions/{session}`: metadata."""
    session = call.world.get("checkout.session", call.id)
    session["metadata"] = merged(session["metadata"], call.params.get("metadata"))
    return call.world.save(session)


def expire(call: Call) -> Json:
    """`POST /v1/checkout/sessions/{session}/expire`, while it is open."""
    session = call.world.get("checkout.session", call.id)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of {session['status']}."
        )
    return close(call.world, session)


def list_all(call: Call) -> Json:
    """`GET /v1/checkout/sessions`."""
    details = call.params.get("customer_details") or {}
    return list_objects(
        call.world,
        "checkout.session",
        call.params,
        url="/v1/checkout/sessions",
        filters=("customer", "payment_intent", "status", "subscription"),
        where={"customer_details.email": details["email"]} if "email" in details else {},
    )


def list_line_items(call: Call) -> Json:
    """`GET /v1/checkout/sessions/{session}/line_items`."""
    session = call.world.get("checkout.session", call.id)
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return page_of([_with_price(call.world, item) for item in session["_line_items"]], call.params, url)


def line_items_of(world: World, session: Json) -> Json:
    """The `line_items` list a session shows when expanded."""
    stored = world.get("checkout.session", session["id"])
    items = [_with_price(world, item) for item in stored["_line_items"]]
    return as_list(items[:10], f"/v1/checkout/sessions/{session['id']}/line_items", more=len(items) > 10)


def close(world: World, session: Json) -> Json:
    """Expire an open session."""
    world.unschedule(session["id"], "session_expire")
    session |= {"status": "expired", "url": None}
    return world.save(session, "checkout.session.expired")


def run_expire(world: World, ref: str) -> None:
    """A session's time is over."""
    session = world.get("checkout.session", ref)
    if session["status"] == "open":
        close(world, session)


def _check(params: Json) -> None:
    mode = params.get("mode") or "payment"
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The local Stripe serves ui_mode hosted_page only.", param="ui_mode")
    if "success_url" not in params:
        raise missing_param("success_url")
    if mode != "setup" and not params.get("line_items"):
        raise missing_param("line_items")
    for name, only in MODE_ONLY.items():
        if name in params and mode != only:
            raise invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if "customer" in params and "customer_email" in params:
        raise invalid(
            "You may only specify one of these parameters: customer, customer_email.", param="customer"
        )
    if mode == "subscription" and params.get("submit_type") not in (None, "auto", "subscribe"):
        raise invalid("submit_type can only be used in `payment` mode.", param="submit_type")


def _defaults(world: World, params: Json) -> Json:
    mode = params.get("mode") or "payment"
    return {
        "adaptive_pricing": {"enabled": False},
        "automatic_tax": {"enabled": False},
        "cancel_url": None,
        "created": world.now(),
        "custom_fields": [],
        "customer_creation": None if "customer" in params or mode == "subscription"
        else params.get("customer_creation", "if_required"),
        "livemode": False,
        "locale": None,
        "mode": mode,
        "payment_method_collection": "always" if mode == "subscription" else "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        **type_fields(params),
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "phone_number_collection": {"enabled": False},
        "redirect_on_completion": None,
        "shipping_options": [],
        "status": "open",
        "ui_mode": "hosted_page",
    }  # fmt: skip


def _line_items(world: World, params: Json) -> Json:
    items = [
        _line_item(world, given, f"line_items[{number}]")
        for number, given in enumerate(params.get("line_items") or [])
    ]
    if not items:
        return {"currency": params.get("currency"), "_line_items": []}
    mode = params.get("mode") or "payment"
    _check_items(world, items, mode)
    total = sum(item["amount_total"] for item in items)
    currency = items[0]["currency"]
    if 0 < total < least_amount(currency) or (total == 0 and mode == "payment"):
        raise invalid(
            "The Checkout Session's total amount due must add up to at least "
            f"{spoken(least_amount(currency), currency)}",
            code="amount_too_small",
        )
    totals = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
    return {
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "total_details": totals,
        "_line_items": items,
    }


def _line_item(world: World, given: Json, where: str) -> Json:
    if "price" in given:
        price = world.get("price", given["price"], param=f"{where}[price]")
    elif "price_data" in given:
        price = inline_price(world, given["price_data"], prefix=f"{where}[price_data]")
    else:
        raise missing_param(f"{where}[price]")
    quantity = given.get("quantity", 1)
    if quantity < 1:
        raise invalid("Invalid quantity: must be greater than or equal to 1", param=f"{where}[quantity]")
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("item"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": world.get("product", price["product"])["name"],
        "price": price["id"],
        "quantity": quantity,
    }


def _check_items(world: World, items: list[Json], mode: str) -> None:
    prices = [world.get("price", item["price"]) for item in items]
    if len({price["currency"] for price in prices}) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    recurring = [price for price in prices if price["type"] == "recurring"]
    if mode == "payment" and recurring:
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode "
            "or use only one-time prices.",
            param="line_items[0][price]",
        )
    if mode == "subscription" and not recurring:
        raise invalid(
            "You must provide at least one recurring price in `subscription` mode when using prices.",
            param="line_items",
        )
    if mode == "subscription" and len(recurring) < len(prices):
        raise invalid(
            "The local Stripe takes recurring prices only in `subscription` mode.", param="line_items"
        )


def _with_price(world: World, item: Json) -> Json:
    return {**item, "price": world.get("price", item["price"])}


def _known_details(customer: Json | None, params: Json) -> Json | None:
    email = params.get("customer_email") or (customer or {}).get("email")
    if customer is None and email is None:
        return None
    return {"email": email, "tax_exempt": "none"}


def _expiry(world: World, params: Json) -> int:
    given = params.get("expires_at")
    if given is None:
        return world.now() + DAY_SECONDS
    if not SHORTEST_SECONDS <= given - world.now() <= DAY_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout "
            "Session creation.",
            param="expires_at",
        )
    return int(given)


ROUTES = [
    Route("POST", "/v1/checkout/sessions", create),
    Route("GET", "/v1/checkout/sessions", list_all),
    Route("GET", "/v1/checkout/sessions/{session}", retrieve),
    Route("POST", "/v1/checkout/sessions/{session}", update),
    Route("POST", "/v1/checkout/sessions/{session}/expire", expire),
    Route("GET", "/v1/checkout/sessions/{session}/line_items", list_line_items),
]
INCLUDABLE = {("checkout.session", "line_items"): line_items_of}
JOBS = {"session_expire": run_expire}
