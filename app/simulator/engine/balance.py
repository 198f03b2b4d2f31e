"""Balance transactions: what each charge, refund, dispute and payout does to the account's balance."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.simulator.engine.ids import new_id
from app.simulator.engine.money import Settled, convert, settle, settle_debit
from app.simulator.engine.world import World

Json = dict[str, Any]
PENDING_SECONDS = 2 * 86400
DAY_SECONDS = 86400


def post_charge(world: World, charge: Json, *, at_once: bool) -> Json:
    """The balance transaction of a succeeded charge, less Stripe's fee."""
    obj = _transaction(world, charge, _settled(world, charge), kind=_kind(charge, "charge", "payment"))
    obj["available_on"] = world.now() if at_once else _available_on(world.now())
    obj["description"] = charge.get("description")
    obj["reporting_category"] = "charge"
    posted = post(world, obj)
    if at_once:
        world.emit("balance.available", balance_now(world))
    return posted


def post_refund(world: World, refund: Json, *, charge: Json, amount: int, kind: str = "refund") -> Json:
    """The balance transaction of a refund, at the rate of its charge; Stripe keeps its fee.

    Args: amount: minor units of the charge's currency, negative for money going back.
    """
    original = world.get("balance_transaction", charge["balance_transaction"])
    settled = Settled(_settled_amount(amount, charge, original), 0, original["currency"], None)
    by_card = kind == "refund_failure"
    obj = _transaction(
        world, refund, settled, kind=kind if by_card else _kind(charge, "refund", "payment_refund")
    )
    obj["exchange_rate"] = original["exchange_rate"]
    obj["available_on"] = max(original["available_on"], world.now())
    obj["description"] = "REFUND FOR CHARGE" if kind == "refund" else "REFUND FAILURE"
    obj["reporting_category"] = kind
    return post(world, obj)


def post_adjustment(
    world: World,
    dispute: Json,
    *,
    charge: Json,
    amount: int,
    category: str,
    description: str,
    fee: Callable[[str], int] | None,
) -> Json:
    """The balance transaction of a dispute, at the rate of its charge.

    Args: amount: minor units of the charge's currency; fee: what Stripe takes, by settlement currency.
    """
    original = _booked(world, charge)
    settled_amount = _settled_amount(amount, charge, original)
    currency = original["currency"]
    obj = _transaction(
        world,
        dispute,
        Settled(settled_amount, fee(currency) if fee else 0, currency, None),
        kind="adjustment",
    )
    for detail in obj["fee_details"]:
        detail["description"] = "Dispute fee"
    obj |= {
        "description": description,
        "exchange_rate": original["exchange_rate"],
        "reporting_category": category,
    }
    return post(world, obj)


def post_payout(world: World, payout: Json, *, kind: str, amount: int) -> Json:
    """The balance transaction of a payout on its way out (`payout`), or back."""
    obj = _transaction(world, payout, Settled(amount, 0, payout["currency"], None), kind=kind)
    obj["description"] = "STRIPE PAYOUT"
    obj["reporting_category"] = "payout" if kind == "payout" else "payout_reversal"
    return post(world, obj)


def post(world: World, transaction: Json) -> Json:
    """Write down a balance transaction, and that its money becomes available on its day."""
    due = transaction["available_on"]
    at = due if due > world.clock.now() else 0
    if world.store.add_to_balance(transaction["currency"], at, transaction["net"]) and at:
        world.schedule_globally(at, "balance_available", str(at))
    return world.create(transaction)


def balance_now(world: World) -> Json:
    """The balance at this instant of the account's clock, by currency."""
    sums = world.store.balances(world.clock.now())
    shown = {
        status: [_amount(amounts[place], currency) for currency, amounts in sorted(sums.items())]
        or [_amount(0, "usd")]
        for place, status in enumerate(("available", "pending"))
    }
    return {"object": "balance", "livemode": False, **shown}


def available(world: World, currency: str) -> int:
    """What can be paid out in a currency, in its minor units."""
    return world.store.balances(world.clock.now()).get(currency, (0, 0))[0]


def run_available(world: World, ref: str) -> None:
    """A day's money has become available."""
    if world.store.settle_balance(int(ref)):
        world.emit("balance.available", balance_now(world))
    world.jobs["payouts_planned"](world, ref)


def _amount(amount: int, currency: str) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _settled(world: World, charge: Json) -> Settled:
    into = world.store.read_meta("settlement_currency")
    settles = settle if charge["payment_method_details"]["type"] == "card" else settle_debit
    return settles(charge["amount_captured"], charge["currency"], into)


def _booked(world: World, charge: Json) -> Json:
    """The balance transaction of a charge, or the terms it will be booked at."""
    if charge.get("balance_transaction"):
        return world.get("balance_transaction", charge["balance_transaction"])
    settled = _settled(world, charge)
    return _transaction(world, charge, settled, kind="charge")


def _kind(charge: Json, by_card: str, otherwise: str) -> str:
    return by_card if charge["payment_method_details"]["type"] == "card" else otherwise


def _settled_amount(amount: int, charge: Json, original: Json) -> int:
    if original["exchange_rate"] is None:
        return amount
    if abs(amount) == charge["amount_captured"]:
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
