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


def payload_of(event: Json, version: str | None = None) -> str:
    """The body of a delivery: the event as the API shows it, under the endpoint's version if it has one."""
    shown = complete_event(event)
    return json.dumps({**shown, "api_version": version or shown["api_version"]}, indent=2, ensure_ascii=False)


def sign(payload: str, secrets: list[str], *, at: int) -> str:
    """The `Stripe-Signature` header, as Stripe's own package writes it, with a `v1` for each secret."""
    headers = [_signer().generate_signature_header(payload, secret, timestamp=at) for secret in secrets]
    return ",".join([headers[0], *(header.partition(",")[2] for header in headers[1:])])


def send(payload: str, url: str, secrets: list[str]) -> int:
    """Post an event, signed. Returns: the HTTP status.

    Raises: OSError, http.client.HTTPException: the endpoint cannot be reached or breaks off.
    """
    target = urlsplit(url)
    secure = target.scheme == "https"
    connector = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connector(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": sign(payload, secrets, at=int(time.time())),
        "User-Agent": "Stripe/1.0 (+https://docs.stripe.com/webhooks) local",
    }
    try:
        connection.request("POST", path, payload.encode(), headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


@cache
def _signer() -> Any:
    # Importing the package takes longer than the whole start; the first delivery pays for it.
    return load_module("stripe").WebhookSignature
