"""Search: the seven resources that Stripe's search query language finds."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from app.simulator.engine.errors import invalid
from app.simulator.engine.listing import limit_of
from app.simulator.engine.query_language import parse_query
from app.simulator.engine.routes import Call, Route

Json = dict[str, Any]
CARD_FIELDS = ("brand", "exp_month", "exp_year", "fingerprint", "last4")
FIELDS: dict[str, dict[str, str]] = {
    "charges": {
        "amount": "numeric", "billing_details.address.postal_code": "token", "created": "numeric",
        "currency": "token", "customer": "token", "disputed": "token", "metadata": "token",
        **{f"payment_method_details.*.{name}": "token" for name in CARD_FIELDS},
        "refunded": "token", "status": "token",
    },
    "customers": {
        "created": "numeric", "email": "string", "metadata": "token", "name": "string", "phone": "string",
    },
    "invoices": {
        "created": "numeric", "currency": "token", "customer": "token", "metadata": "token",
        "number": "string", "receipt_number": "string", "status": "string", "subscription": "string",
        "total": "numeric",
    },
    "payment_intents": {
        "amount": "numeric", "created": "numeric", "currency": "token", "customer": "token",
        "metadata": "token", "status": "token",
    },
    "prices": {
        "active": "token", "currency": "token", "lookup_key": "string", "metadata": "token",
        "product": "string", "type": "token",
    },
    "products": {
        "active": "token", "description": "string", "metadata": "token", "name": "string",
        "shippable": "token", "url": "string",
    },
    "subscriptions": {
        "canceled_at": "numeric", "created": "numeric", "metadata": "token", "status": "token",
    },
}  # fmt: skip


def searching(resource: str) -> Callable[[Call], Json]:
    """The handler of `GET /v1/<resource>/search`."""

    def search(call: Call) -> Json:
        """Newest first, a page at a time; `total_count` when it is expanded."""
        world, params, url = call.world, call.params, f"/v1/{resource}/search"
        query = parse_query(params["query"], FIELDS[resource], resource=resource)
        kind = resource.removesuffix("s")
        shown = [world.present(one) for one in world.store.all_of(kind)[::-1]]
        found = [one for one in shown if query.finds(_searched(one))]
        start, limit = _start(found, params.get("page")), limit_of(params)
        page = found[start : start + limit]
        more = start + limit < len(found)
        result = {"object": "search_result", "data": page, "has_more": more, "url": url}
        result["next_page"] = _cursor(page[-1]["id"]) if more else None
        if "total_count" in params.get("expand", []):
            result["total_count"] = len(found)
        return result

    return search


def _searched(obj: Json) -> Json:
    if obj["object"] != "invoice":
        return obj
    details = (obj.get("parent") or {}).get("subscription_details") or {}
    return {**obj, "subscription": details.get("subscription")}


def _cursor(object_id: str) -> str:
    return base64.urlsafe_b64encode(object_id.encode()).decode()


def _start(found: list[Json], page: str | None) -> int:
    if page is None:
        return 0
    try:
        wanted = base64.urlsafe_b64decode(page).decode()
    except (binascii.Error, UnicodeDecodeError):
        wanted = ""
    places = [number for number, one in enumerate(found) if one["id"] == wanted]
    if not places:
        raise invalid(f"Invalid page: {page}", param="page")
    return places[0] + 1


ROUTES = [Route("GET", f"/v1/{resource}/search", searching(resource)) for resource in FIELDS]
