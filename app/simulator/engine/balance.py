"""Balance transactions: what each charge and refund does to the account's balance."""

import json
from decimal import Decimal
from typing import Any

from app.simulator.engine.ids import new_id
from app.simulator.engine.money import Settled, convert, settle
from app.simulator.engine.world import World

Json = dict[str, Any]
PENDING_SECONDS = 2 * 86400
DAY_SECONDS = 86400


def post_charge(world: World, charge: Json, *, at_once: bool) -> Json:
    """The balance transaction of a succeeded charge, less Stripe's fee."""
    settled = settle(charge["amount"], charge["currency"], world.store.read_meta("settlement_currency"))
    obj = _transaction(world, charge, settled, kind="charge")
    obj["available_on"] = world.now() if at_once else _available_on(world.now())
    obj["description"] = charge.get("description")
    return world.create(obj)


def post_refund(world: World, refund: Json, *, charge: Json, amount: int, kind: str = "refund") -> Json:
    """The balance transaction of a refund, at the rate of its charge; Stripe keeps its fee.

    Args: amount: minor units of the charge's currency, negative for money going back.
    """
    original = world.get("balance_transaction", charge["balance_transaction"])
    settled = Settled(_settled_amount(amount, charge, original), 0, original["currency"], None)
    obj = _transaction(world, refund, settled, kind=kind)
    obj["exchange_rate"] = original["exchange_rate"]
    obj["available_on"] = max(original["available_on"], world.now())
    obj["description"] = "REFUND FOR CHARGE" if kind == "refund" else "REFUND FAILURE"
    return world.create(obj)


def _settled_amount(amount: int, charge: Json, original: Json) -> int:
    if original["exchange_rate"] is None:
        return amount
    if abs(amount) == charge["amount"]:
        return int(original["amount"]) if amount > 0 else -int(original["amount"])
    rate = Decimal(str(original["exchange_rate"]))
    return convert(amount, charge["currency"], original["currency"], rate)


def _available_on(now: int) -> int:
    later = now + PENDING_SECONDS
    return later - later % DAY_SECONDS


def _transaction(world: World, source: Json, settled: Settled, *, kind: str) -> Json:
    fee = settled.fee
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": settled.currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": new_id("balance_transaction"),
        "object": "balance_transaction",
        "amount": settled.amount,
        "available_on": world.now(),
        "balance_type": "payments",
        "created": world.now(),
        "currency": settled.currency,
        "exchange_rate": None if settled.exchange_rate is None else json.loads(str(settled.exchange_rate)),
        "fee": fee,
        "fee_details": details if fee else [],
        "net": settled.amount - fee,
        "reporting_category": kind,
        "source": source["id"],
        "type": kind,
    }
