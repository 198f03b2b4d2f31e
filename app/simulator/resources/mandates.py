"""Mandates: what lets a bank account be debited."""

from typing import Any

from app.simulator.engine.routes import Call, Route

Json = dict[str, Any]


def retrieve(call: Call) -> Json:
    """`GET /v1/mandates/{mandate}`."""
    return call.world.get("mandate", call.id, param="mandate")


ROUTES = [Route("GET", "/v1/mandates/{mandate}", retrieve)]
