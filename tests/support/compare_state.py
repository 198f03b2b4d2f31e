"""Stripe's own side of a comparison, and how two pictures are held against each other."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.clock import from_timestamp
from tests.support.simulator import Json, SimulatorProcess

Picture = Mapping[Any, object]


class StripeState:
    """All objects of the local Stripe, read through its own door and not through our gateway."""

    def __init__(self, stripe: SimulatorProcess) -> None:
        self._stripe = stripe
        self._v1 = stripe.client().v1
        self._kinds: dict[str, dict[str, Json]] = {}

    def all(self, kind: str) -> dict[str, Json]:
        """Every object of a kind, by id."""
        if kind not in self._kinds:
            self._kinds[kind] = {found["id"]: found for found in self._stripe.objects(kind)}
        return self._kinds[kind]

    def succeeded(self) -> list[Json]:
        """Every payment intent that was paid."""
        return [intent for intent in self.all("payment_intent").values() if intent["status"] == "succeeded"]

    def made_of(self, payout: Json) -> list[Json]:
        """What an automatic payout that is settled is made of."""
        if not payout["automatic"] or payout["reconciliation_status"] != "completed":
            return []
        pages = self._v1.balance_transactions.list({"payout": payout["id"], "limit": 100})
        listed = [one.to_dict() for one in pages.auto_paging_iter()]
        return [one for one in listed if one["source"] != payout["id"]]

    def held(self) -> dict[str, int]:
        """What Stripe says it holds, available or pending, by currency."""
        balance = self._v1.balance.retrieve()
        held: Counter[str] = Counter()
        for available in balance.available:
            held[available.currency] += available.amount
        for pending in balance.pending:
            held[pending.currency] += pending.amount
        return {currency: amount for currency, amount in held.items() if amount}

    def charge_of(self, intent: Json) -> Json | None:
        """The latest charge of a payment intent."""
        return self.all("charge").get(intent["latest_charge"] or "")


def unlike(kind: str, ours: Picture, theirs: Picture) -> Iterable[str]:
    """Return what is different, missing or too much, by key."""
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if ours.get(key) != theirs.get(key):
            yield f"{kind} {key}: ours {ours.get(key)!r}, Stripe's {theirs.get(key)!r}"


def at(seconds: int | None) -> datetime | None:
    """Return Stripe's seconds as an instant."""
    return None if seconds is None else from_timestamp(seconds)


Comparison = Callable[[Session, StripeState], Iterable[str]]
