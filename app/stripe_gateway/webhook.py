"""Tells a true webhook from everything else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.kernel.clock import from_timestamp
from app.stripe_gateway.errors import BadWebhook

TOLERANCE_SECONDS = 300
_MOST_TIMESTAMP_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class ReceivedEvent:
    """A verified event: its envelope read, its object left as parsed JSON."""

    id: str
    type: str
    livemode: bool
    occurred_at: datetime
    object: dict[str, Any]


def verify_event(payload: bytes, header: str, *, secrets: Sequence[str], now: datetime) -> ReceivedEvent:
    """Check the signature on the raw bytes and the age both ways, then parse once.

    stripe-python's own check lets a timestamp of the future pass and trips over headers that are
    not ASCII, hence the checks around it.
    Raises: BadWebhook: forged, stale, future-dated or not an event.
    https://docs.stripe.com/webhooks#verify-manually
    """
    if not header.isascii():
        raise BadWebhook("signature header is not ASCII")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        raise BadWebhook("body is not UTF-8") from None
    _check_age(header, now)
    _check_signature(text, header, secrets)
    return _read_event(text)


def _check_age(header: str, now: datetime) -> None:
    stamps = [part[2:] for part in header.split(",") if part.startswith("t=")]
    if not stamps or not stamps[0].isdigit() or len(stamps[0]) > _MOST_TIMESTAMP_DIGITS:
        raise BadWebhook("signature header has no timestamp")
    if abs(now.timestamp() - int(stamps[0])) > timedelta(seconds=TOLERANCE_SECONDS).total_seconds():
        raise BadWebhook("signature is too old or from the future")


def _check_signature(text: str, header: str, secrets: Sequence[str]) -> None:
    from stripe import SignatureVerificationError, WebhookSignature  # noqa: PLC0415 (paid by the first webhook)

    for secret in secrets:
        try:
            WebhookSignature.verify_header(text, header, secret)
        except SignatureVerificationError:
            continue
        return
    raise BadWebhook("signature does not match")


def _read_event(text: str) -> ReceivedEvent:
    try:
        event = json.loads(text)
        received = ReceivedEvent(
            id=_text(event["id"]),
            type=_text(event["type"]),
            livemode=event["livemode"] is True,
            occurred_at=from_timestamp(event["created"]),
            object=event["data"]["object"],
        )
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        raise BadWebhook("body is not an event") from None
    if not received.id.startswith("evt_") or not isinstance(received.object, dict):
        raise BadWebhook("body is not an event")
    return received


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 128:
        raise TypeError("not a short text")
    if not value.isascii() or not value.isprintable():
        raise ValueError("not a text that every database stores")
    return value
