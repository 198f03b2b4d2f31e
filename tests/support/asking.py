"""Asks made in tests, and what Stripe has of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.asks.models import Ask, AskedBy, AskKind
from app.asks.rules import Wish
from app.flows.asking.ask import Asked, ask_stripe, carry_out_next, place_ask
from app.kernel.clock import from_timestamp, utc_now
from app.kernel.ids import new_nonce
from tests.support.simulator import Json
from tests.support.world import World

DAY_AND_A_BIT = 1.1
"""In days: Stripe has pruned an idempotency key by then."""


def wish(kind: AskKind, object_id: str, **fields: Any) -> Wish:
    """Return what a member wants, by a form of its own unless `nonce` says otherwise."""
    return Wish(
        **{"nonce": new_nonce(), "kind": kind, "object_id": object_id, "asked_by": AskedBy.member} | fields
    )


def ask(world: World, kind: AskKind, object_id: str, **fields: Any) -> Asked:
    """Ask for something and let it come through."""
    asked = ask_stripe(world.parts, wish(kind, object_id, **fields), now=utc_now())
    world.settle()
    return asked


def place(world: World, kind: AskKind, object_id: str, **fields: Any) -> Ask:
    """Store a wish and leave it to the worker; returns its row."""
    ask_id = place_ask(world.parts, wish(kind, object_id, **fields), now=utc_now())
    return world.one(Ask, Ask.id == ask_id)


def finish(world: World, *, hours: Sequence[float] = (0, 1, 3, 9, 27)) -> None:
    """Let the worker carry out all that is due in so many hours, and let it come through."""

    def carry_out_all() -> None:
        while carry_out_next(world.parts):
            pass

    for later in hours:
        world.wait_and(carry_out_all, hours=later)
    world.settle()


def at_stripe(world: World, object_id: str) -> Json:
    """Return a subscription, invoice or other object as Stripe has it."""
    kinds = {"sub": "subscription", "in": "invoice", "pi": "payment_intent", "ch": "charge"}
    kind = kinds[object_id.partition("_")[0]]
    (found,) = (one for one in world.stripe.objects(kind) if one["id"] == object_id)
    return found


def charged(world: World) -> list[int]:
    """Return the amounts of the charges that succeeded, oldest first."""
    return [one["amount"] for one in world.stripe.objects("charge") if one["status"] == "succeeded"]


def stripes_day(world: World, days: float) -> datetime:
    """Return the instant so many days ahead by Stripe's clock."""
    return from_timestamp(world.stripe.now() + int(days * 86_400))
