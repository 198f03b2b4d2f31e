"""The account's balance and its transactions."""

from typing import Any

from app.simulator.engine.balance import balance_now, run_available
from app.simulator.engine.listing import list_objects
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.world import World

Json = dict[str, Any]


def retrieve(call: Call) -> Json:
    """`GET /v1/balance`: what is available and what is still pending, by currency."""
    return balance_now(call.world)


def retrieve_transaction(call: Call) -> Json:
    """`GET /v1/balance_transactions/{id}`."""
    return call.world.get("balance_transaction", call.id)


def list_transactions(call: Call) -> Json:
    """`GET /v1/balance_transactions`; by `payout`, those an automatic payout is made of and its own."""
    return list_objects(
        call.world,
        "balance_transaction",
        call.params,
        url="/v1/balance_transactions",
        filters=("currency", "payout", "source", "type"),
    )


def present(world: World, transaction: Json) -> Json:
    """A transaction is pending until its day comes."""
    pending = transaction["available_on"] > world.now()
    return {**transaction, "status": "pending" if pending else "available"}


ROUTES = [
    Route("GET", "/v1/balance", retrieve),
    Route("GET", "/v1/balance_transactions", list_transactions),
    Route("GET", "/v1/balance_transactions/{id}", retrieve_transaction),
]
PRESENTERS = {"balance_transaction": present}
JOBS = {"balance_available": run_available}
