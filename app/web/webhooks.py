"""Stripe's events in: checked, stored, acknowledged, and nothing else."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.access import parts
from app.flows.receive import receive_event
from app.kernel.clock import utc_now
from app.stripe_gateway.errors import BadWebhook

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/stripe")
def stripe() -> ResponseReturnValue:
    """Answer 204 once the event is stored, 400 to what is not an event, 503 when we cannot store."""
    payload = request.get_data(cache=False)
    try:
        receive_event(parts(), payload, request.headers.get("Stripe-Signature", ""), now=utc_now())
    except BadWebhook as bad:
        return {"error": str(bad)}, 400
    except (DBAPIError, PoolTimeout):
        return {"error": "the database is away; send it again"}, 503, {"Retry-After": "60"}
    return "", 204
