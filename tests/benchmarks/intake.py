"""Webhook intake against a bare Flask app that checks the signature and inserts one row."""

import json
import time
from functools import partial

from stripe import WebhookSignature

from tests.benchmarks.load import Request, requests_a_second
from tests.benchmarks.rounds import describe, paired
from tests.benchmarks.servers import SECRET, both
from tests.support.databases import BOTH, Databases

EVENTS_A_ROUND = 1500


def run(databases: Databases, stripe_url: str) -> None:
    """Measure on both databases."""
    for kind in BOTH:
        url = databases.create(kind)
        with both(url, stripe_url) as (ours, bare):
            measured = paired(
                lambda number: requests_a_second(ours, partial(make, "ours"), round_number=number),
                lambda number: requests_a_second(bare, partial(make, "bare"), round_number=number),
            )
        print(describe(f"webhook intake, {kind}", *measured))
        databases.drop(url)


def make(side: str, round_number: int) -> list[Request]:
    """Return signed events of a realistic size (about 3 kB), ten for each object, interleaved."""
    objects = EVENTS_A_ROUND // 10
    return [_event(f"{side}{round_number}x{number}", number % objects) for number in range(EVENTS_A_ROUND)]


def _event(name: str, object_number: int) -> Request:
    payload = json.dumps(
        {
            "id": f"evt_{name}",
            "object": "event",
            "type": "customer.subscription.updated",
            "livemode": False,
            "created": int(time.time()),
            "data": {
                "object": {"id": f"sub_{name[:5]}{object_number}", "object": "subscription", "x": "y" * 2700}
            },
        }
    )
    header = WebhookSignature.generate_signature_header(payload, SECRET)
    return Request("POST", "/webhooks/stripe", {"Stripe-Signature": header}, payload.encode())
