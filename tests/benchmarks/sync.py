"""Sync throughput of one worker, and how often it asks Stripe."""

import time
from collections import Counter
from collections.abc import Iterator

from app.db import transaction
from app.factory import join_parts
from app.flows.give import pledge_support
from app.flows.parts import Parts
from app.flows.sync import sync_next
from app.giving.forms import PledgeForm
from app.giving.pledges import Said
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.vault.vault import PersonInClear
from tests.conftest import make_settings
from tests.support.databases import BOTH, Databases
from tests.support.simulator import SimulatorProcess

READERS = 40
EVENTS_AN_OBJECT = 10


def run(databases: Databases, stripe: SimulatorProcess) -> None:
    """Measure on both databases."""
    for kind in BOTH:
        stripe.reset()
        url = databases.create(kind)
        parts = join_parts(make_settings(url, stripe_url=stripe.url, smtp_url="smtp://127.0.0.1:9"))
        for number in range(READERS):
            _pledge_and_pay(parts, stripe, number)
        _report(kind, parts, stripe)
        databases.drop(url)


def _pledge_and_pay(parts: Parts, stripe: SimulatorProcess, number: int) -> None:
    form = PledgeForm(
        nonce=new_nonce(),
        amount=Money(200, "eur"),
        interval=Interval.month,
        contact=PersonInClear(address=f"reader{number}@example.org", name=None),
        campaign=None,
        language="en",
    )
    pledge_support(parts, form, said=Said(title="Monthly support"), now=utc_now())
    stripe.pay(stripe.objects("checkout.session")[-1]["id"])


def _report(kind: str, parts: Parts, stripe: SimulatorProcess) -> None:
    objects = list(_objects(stripe))
    with transaction(parts.sessions) as session:
        for _ in range(EVENTS_AN_OBJECT):
            for wanted in objects:
                want(session, wanted, now=utc_now())
    before = len(stripe.requests())
    started, synced = time.perf_counter(), Counter[str]()
    while done := sync_next(parts):
        synced[done.outcome] += 1
    seconds = time.perf_counter() - started
    calls = len(stripe.requests()) - before
    events = len(objects) * EVENTS_AN_OBJECT
    print(
        f"sync, {kind:28} {events / seconds:6.0f} events/s   {sum(synced.values()) / seconds:5.0f} objects/s"
    )
    print(
        f"  {calls} Stripe calls for {len(objects)} objects of {EVENTS_AN_OBJECT} events each: {dict(synced)}"
    )


def _objects(stripe: SimulatorProcess) -> Iterator[tuple[ObjectType, str]]:
    for object_type in (ObjectType.subscription, ObjectType.invoice, ObjectType.payment_intent):
        for found in stripe.objects(object_type.value):
            yield object_type, found["id"]
