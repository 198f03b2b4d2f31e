"""By which fields each kind of object can be listed and found."""

from typing import Any

Json = dict[str, Any]
LINKED_FIELDS: dict[str, tuple[str, ...]] = {
    "customer": ("email", "test_clock"),
    "product": ("active",),
    "price": ("active", "product", "currency", "type", "lookup_key", "recurring.interval"),
    "checkout.session": (
        "customer",
        "payment_intent",
        "subscription",
        "status",
        "customer_details.email",
        "_awaits",
    ),
    "payment_method": ("customer", "type"),
    "payment_intent": ("customer",),
    "setup_intent": ("customer", "payment_method"),
    "subscription": ("customer", "status", "collection_method", "test_clock"),
    "invoice": ("customer", "status", "collection_method", "test_clock"),
    "invoice_payment": ("invoice", "status", "payment.type", "payment.payment_intent"),
    "invoiceitem": ("customer", "invoice", "pending"),
    "charge": ("customer", "payment_intent"),
    "refund": ("charge", "payment_intent"),
    "dispute": ("charge", "payment_intent"),
    "balance_transaction": ("source", "type", "currency"),
    "payout": ("status", "destination"),
    "credit_note": ("customer", "invoice"),
    "customer_balance_transaction": ("customer", "invoice"),
    "mandate": ("payment_method",),
    "billing_portal.configuration": ("active", "is_default"),
    "billing_portal.session": ("customer", "_token"),
    "event": ("type", "data.object.id", "request.id"),
    "webhook_endpoint": ("status",),
}

NOT_PAID_OUT = "none"


def links_of(obj: Json) -> set[tuple[str, str]]:
    """The (field, value) pairs an object is found by."""
    found = set()
    for path in LINKED_FIELDS.get(obj["object"], ()):
        value = _dig(obj, path)
        if value is not None:
            found.add((path, link_value(value)))
    return found | _derived(obj)


def link_value(value: object) -> str:
    """How a value is spelled in a link; booleans as JSON does."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dig(obj: Json, path: str) -> Any:
    value: Any = obj
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _derived(obj: Json) -> set[tuple[str, str]]:
    """Links that are not a field of the object itself."""
    if obj["object"] == "invoice":
        subscription = _dig(obj, "parent.subscription_details.subscription")
        if not subscription:
            return set()
        unsettled = {("unsettled", subscription)} if obj["status"] in {"draft", "open"} else set()
        return {("subscription", subscription)} | unsettled
    if obj["object"] == "invoiceitem":
        waits = obj.get("invoice") is None
        waiting = {("waiting", obj["customer"])} if waits else set()
        return {("pending", link_value(waits))} | waiting
    if obj["object"] == "balance_transaction":
        return {("payout", obj.get("_payout") or NOT_PAID_OUT)}
    if obj["object"] == "subscription":
        items = obj["items"]["data"]
        return {("price", item["price"]) for item in items} | {("item", item["id"]) for item in items}
    return set()
