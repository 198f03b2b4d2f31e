"""Sending one event: signed by the `stripe` package, over a connection of its own."""

import http.client
import json
import time
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from app.simulator.contract.package import load_module
from app.simulator.engine.expansion import complete_event

Json = dict[str, Any]
TIMEOUT_SECONDS = 20


def payload_of(event: Json) -> str:
    """The body of a delivery: the event as the API shows it."""
    return json.dumps(complete_event(event), indent=2, ensure_ascii=False)


def sign(payload: str, secret: str, *, at: int) -> str:
    """The `Stripe-Signature` header of a payload, as Stripe's own package writes it."""
    header: str = _signer().generate_signature_header(payload, secret, timestamp=at)
    return header


def send(payload: str, endpoint: Json) -> int:
    """Post an event, signed. Returns: the HTTP status.

    Raises: OSError, http.client.HTTPException: the endpoint cannot be reached or breaks off.
    """
    url = urlsplit(endpoint["url"])
    secure = url.scheme == "https"
    connector = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connector(url.hostname or "", url.port, timeout=TIMEOUT_SECONDS)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": sign(payload, endpoint["_secret"], at=int(time.time())),
        "User-Agent": "Stripe/1.0 (+https://docs.stripe.com/webhooks) local",
    }
    try:
        connection.request("POST", target, payload.encode(), headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


@cache
def _signer() -> Any:
    # Importing the package takes longer than the whole start; the first delivery pays for it.
    return load_module("stripe").WebhookSignature
