"""The account's balance and its transactions."""

from collections import defaultdict
from typing import Any

from app.simulator.engine.listing import list_objects
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.world import World

Json = dict[str, Any]


def retrieve(call: Call) -> Json:
    """`GET /v1/balance`: what is available and what is still pending, by currency."""
    world = call.world
    sums: dict[str, dict[str, int]] = {"available": defaultdict(int), "pending": defaultdict(int)}
    for transaction in world.store.all_of("balance_transaction"):
        sums[_status(world, transaction)][transaction["currency"]] += transaction["net"]
    currencies = sorted({currency for amounts in sums.values() for currency in amounts}) or ["usd"]
    shown = {
        status: [_amount(amounts.get(currency, 0), currency) for currency in currencies]
        for status, amounts in sums.items()
    }
    return {"object": "balance", "livemode": False, **shown}


def retrieve_transaction(call: Call) -> Json:
    """`GET /v1/balance_transactions/{id}`."""
    return call.world.get("balance_transaction", call.id)


def list_transactions(call: Call) -> Json:
    """`GET /v1/balance_transactions`."""
    return list_objects(
        call.world,
        "balance_transaction",
        call.params,
        url="/v1/balance_transactions",
        filters=("currency", "source", "type"),
    )


def present(world: World, transaction: Json) -> Json:
    """A transaction is pending until its day comes."""
    return {**transaction, "status": _status(world, transaction)}


def _status(world: World, transaction: Json) -> str:
    return "pending" if transaction["available_on"] > world.now() else "available"


def _amount(amount: int, currency: str) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


ROUTES = [
    Route("GET", "/v1/balance", retrieve),
    Route("GET", "/v1/balance_transactions", list_transactions),
    Route("GET", "/v1/balance_transactions/{id}", retrieve_transaction),
]
PRESENTERS = {"balance_transaction": present}
