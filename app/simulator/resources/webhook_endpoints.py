"""Webhook endpoints; the secret is told once, when one is made."""

from typing import Any
from urllib.parse import urlsplit

from app.simulator.contract.shapes import Choice, shape_of_object
from app.simulator.engine.errors import invalid
from app.simulator.engine.ids import new_id
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World

Json = dict[str, Any]


def create(call: Call) -> Json:
    """`POST /v1/webhook_endpoints`."""
    world, params = call.world, call.params
    _check_url(params["url"])
    check_events(params["enabled_events"])
    secret = new_id("secret")
    endpoint = world.create(
        {
            "object": "webhook_endpoint",
            "api_version": params.get("api_version"),
            "created": world.now(),
            "description": params.get("description") or None,
            "enabled_events": params["enabled_events"],
            "livemode": False,
            "metadata": merged({}, params.get("metadata")),
            "status": "enabled",
            "url": params["url"],
            "_secret": secret,
        }
    )
    return {**endpoint, "secret": secret}


def retrieve(call: Call) -> Json:
    """`GET /v1/webhook_endpoints/{webhook_endpoint}`."""
    return call.world.get("webhook_endpoint", call.id)


def update(call: Call) -> Json:
    """`POST /v1/webhook_endpoints/{webhook_endpoint}`."""
    params = call.params
    endpoint = call.world.get("webhook_endpoint", call.id)
    endpoint |= pick(params, "description", "enabled_events", "url")
    _check_url(endpoint["url"])
    check_events(endpoint["enabled_events"])
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merged(endpoint["metadata"], params.get("metadata"))
    return call.world.save(endpoint)


def delete(call: Call) -> Json:
    """`DELETE /v1/webhook_endpoints/{webhook_endpoint}`."""
    endpoint = call.world.get("webhook_endpoint", call.id)
    call.world.store.delete(endpoint)
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def list_all(call: Call) -> Json:
    """`GET /v1/webhook_endpoints`."""
    return list_objects(call.world, "webhook_endpoint", call.params, url="/v1/webhook_endpoints")


def check_events(enabled: list[str]) -> None:
    """Raises: StripeError: an event type Stripe does not have."""
    shape = shape_of_object("event")
    kinds = shape.fields["type"].shape if shape else None
    known = set(kinds.values) if isinstance(kinds, Choice) else set()
    for name in enabled:
        if name != "*" and name not in known:
            raise invalid(f"Invalid enabled_events: {name} is not an event type.", param="enabled_events")


def replace_secret(
    world: World, endpoint_id: str, secret: str | None = None, *, overlap_seconds: int = 0
) -> Json:
    """Roll an endpoint's secret, as the dashboard does, to the caller's choice or a new one.

    Args: overlap_seconds: how long the old secret stays valid beside it.
    """
    endpoint = world.get("webhook_endpoint", endpoint_id)
    retired = {"secret": endpoint["_secret"], "until": world.now() + overlap_seconds}
    endpoint["_retired"] = [*_valid(world, endpoint), *([retired] if overlap_seconds else [])]
    endpoint["_secret"] = secret or new_id("secret")
    return world.save(endpoint)


def secrets_of(world: World, endpoint: Json) -> list[str]:
    """The secrets that sign now, the newest first."""
    return [endpoint["_secret"], *(one["secret"] for one in _valid(world, endpoint)[::-1])]


def _valid(world: World, endpoint: Json) -> list[Json]:
    return [one for one in endpoint.get("_retired", []) if one["until"] > world.now()]


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", param="url")


ROUTES = [
    Route("POST", "/v1/webhook_endpoints", create),
    Route("GET", "/v1/webhook_endpoints", list_all),
    Route("GET", "/v1/webhook_endpoints/{webhook_endpoint}", retrieve),
    Route("POST", "/v1/webhook_endpoints/{webhook_endpoint}", update),
    Route("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}", delete),
]
