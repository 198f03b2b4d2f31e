"""Configurations of the billing portal: what people may do on its pages."""

from typing import Any
from urllib.parse import urlsplit

from app.simulator.engine.errors import StripeError, invalid, missing_param
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World

Json = dict[str, Any]
KIND = "billing_portal.configuration"
MOST_PRODUCTS = 10
REASONS = ["too_expensive", "missing_features", "switched_service", "unused", "other"]
DEFAULTS: Json = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "feedback_options": None, "options": REASONS},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {
        "duration": {
            "interval_options": [{"interval": "month", "interval_count": 1}],
            "type": "interval_options",
        },
        "enabled": False,
    },
    "subscription_update": {
        "billing_cycle_anchor": "unchanged",
        "default_allowed_updates": [],
        "enabled": False,
        "products": [],
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
SAVED_AT_THE_DASHBOARD: Json = {
    "customer_update": {"allowed_updates": ["email", "name", "address", "phone"], "enabled": True},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": True, "options": REASONS},
        "enabled": True,
    },
}


def create(call: Call) -> Json:
    """`POST /v1/billing_portal/configurations`."""
    return _new(call.world, call.params, is_default=False)


def retrieve(call: Call) -> Json:
    """`GET /v1/billing_portal/configurations/{configuration}`."""
    return call.world.get(KIND, call.id)


def update(call: Call) -> Json:
    """`POST /v1/billing_portal/configurations/{configuration}`: features left out stay as they are."""
    world, params = call.world, call.params
    configuration = world.get(KIND, call.id)
    _check_urls(params)
    _check_login(params)
    configuration |= pick(params, "active", "default_return_url", "name")
    profile = params.get("business_profile") or {}
    configuration["business_profile"] = {**configuration["business_profile"], **pick(profile, *profile)}
    configuration["features"] = _features(world, configuration["features"], params.get("features") or {})
    configuration["metadata"] = merged(configuration["metadata"], params.get("metadata"))
    configuration["updated"] = world.now()
    return world.save(configuration, f"{KIND}.updated")


def list_all(call: Call) -> Json:
    """`GET /v1/billing_portal/configurations`."""
    url = "/v1/billing_portal/configurations"
    return list_objects(call.world, KIND, call.params, url=url, filters=("active", "is_default"))


def save_default(world: World) -> Json:
    """Make the configuration that sessions use when they name none, as the Dashboard does; once."""
    return find_default(world) or _new(world, {"features": SAVED_AT_THE_DASHBOARD}, is_default=True)


def find_default(world: World) -> Json | None:
    """The default configuration, or None before it was saved."""
    return next(iter(world.store.linked(KIND, "is_default", "true")), None)


def not_built(what: str, *, param: str) -> StripeError:
    """Something Stripe's portal can do and this one cannot, 501."""
    message = f"The local Stripe's billing portal does not cover {what}. Stripe itself does."
    error = {"code": "not_implemented_by_simulator", "message": message, "param": param, "type": "api_error"}
    return StripeError(501, error)


def check_address(url: str | None, param: str) -> None:
    """Raises: StripeError: this is no address to send people to."""
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc):
        message = "Invalid URL: An explicit scheme (such as https) must be provided."
        raise invalid(message, param=param, code="url_invalid")


def _new(world: World, params: Json, *, is_default: bool) -> Json:
    _check_urls(params)
    _check_login(params)
    profile = params.get("business_profile") or {}
    blank = dict.fromkeys(("headline", "privacy_policy_url", "terms_of_service_url"))
    return world.create(
        {
            "object": KIND,
            "active": True,
            "business_profile": {**blank, **pick(profile, *profile)},
            "created": world.now(),
            "features": _features(world, DEFAULTS, params["features"]),
            "is_default": is_default,
            "livemode": False,
            "login_page": {"enabled": False, "url": None},
            "metadata": merged({}, params.get("metadata")),
            "updated": world.now(),
            **pick(params, "default_return_url", "name"),
        },
        f"{KIND}.created",
    )


def _features(world: World, before: Json, given: Json) -> Json:
    features = {name: _joined(feature, given.get(name) or {}) for name, feature in before.items()}
    _check_cancel(features["subscription_cancel"], given.get("subscription_cancel") or {})
    _check_uncovered(features)
    if features["subscription_update"]["enabled"]:
        _check_update(world, features, given.get("subscription_update") or {})
    return features


def _joined(before: Json, given: Json) -> Json:
    """A feature with what is given laid over it; an empty string empties a list."""
    after = dict(before)
    for name, value in given.items():
        was = before.get(name)
        if isinstance(was, dict) and isinstance(value, dict):
            after[name] = _joined(was, value)
        elif name == "products":
            after[name] = [_product(one) for one in value or []]
        else:
            after[name] = ([] if isinstance(was, list) else None) if value == "" else value
    return after


def _product(given: Json) -> Json:
    quantity = {"enabled": False, "maximum": None, "minimum": 0, **given.get("adjustable_quantity", {})}
    return {**given, "adjustable_quantity": quantity}


def _check_urls(params: Json) -> None:
    profile = params.get("business_profile") or {}
    check_address(params.get("default_return_url"), "default_return_url")
    for name in ("privacy_policy_url", "terms_of_service_url"):
        check_address(profile.get(name), f"business_profile[{name}]")


def _check_login(params: Json) -> None:
    if (params.get("login_page") or {}).get("enabled"):
        raise not_built("the login page", param="login_page[enabled]")


def _check_cancel(feature: Json, given: Json) -> None:
    where = "features[subscription_cancel]"
    if given.get("proration_behavior") == "always_invoice":
        raise invalid(
            "Invalid proration_behavior: must be one of none or create_prorations",
            param=f"{where}[proration_behavior]",
        )
    if feature["proration_behavior"] == "create_prorations":
        if feature["mode"] != "immediately":
            raise invalid(
                "`proration_behavior` can only be `create_prorations` when `mode` is `immediately`.",
                param=f"{where}[proration_behavior]",
            )
        raise not_built("prorations on cancellation", param=f"{where}[proration_behavior]")
    if feature["cancellation_reason"]["feedback_options"]:
        raise not_built(
            "feedback options of one's own", param=f"{where}[cancellation_reason][feedback_options]"
        )


def _check_uncovered(features: Json) -> None:
    if features["subscription_pause"]["enabled"]:
        raise not_built("pausing", param="features[subscription_pause][enabled]")
    if features["subscription_update"]["schedule_at_period_end"]["conditions"]:
        where = "features[subscription_update][schedule_at_period_end][conditions]"
        raise not_built("changes at the period's end", param=where)


def _check_update(world: World, features: Json, given: Json) -> None:
    feature, where = features["subscription_update"], "features[subscription_update]"
    if not features["payment_method_update"]["enabled"]:
        raise invalid("Cannot enable subscription updates while payment method update is disabled.")
    for name in ("default_allowed_updates", "products"):
        if not feature[name]:
            raise missing_param(f"{where}[{name}]")
    if len(feature["products"]) > MOST_PRODUCTS:
        raise invalid(f"You can list at most {MOST_PRODUCTS} products.", param=f"{where}[products]")
    for number, product in enumerate(given.get("products") or []):
        _check_product(world, product, f"{where}[products][{number}]")


def _check_product(world: World, product: Json, where: str) -> None:
    world.get("product", product["product"], param=f"{where}[product]")
    seen = set()
    for number, price_id in enumerate(product["prices"]):
        param = f"{where}[prices][{number}]"
        price = world.get("price", price_id, param=param)
        if price["product"] != product["product"]:
            raise invalid(
                f"The price `{price_id}` does not belong to the product `{product['product']}`.", param=param
            )
        if price["type"] != "recurring":
            raise invalid(f"The price `{price_id}` is not recurring.", param=param)
        terms = (price["currency"], price["recurring"]["interval"], price["recurring"]["interval_count"])
        if terms in seen:
            raise invalid(
                "The prices of a product in the portal must each have another billing interval.", param=param
            )
        seen.add(terms)


ROUTES = [
    Route("POST", "/v1/billing_portal/configurations", create),
    Route("GET", "/v1/billing_portal/configurations", list_all),
    Route("GET", "/v1/billing_portal/configurations/{configuration}", retrieve),
    Route("POST", "/v1/billing_portal/configurations/{configuration}", update),
]
