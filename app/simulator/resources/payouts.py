"""Payouts to the account's bank."""

from typing import Any

from app.simulator.engine.balance import available
from app.simulator.engine.errors import invalid
from app.simulator.engine.listing import OPERATORS, list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.money import check_currency
from app.simulator.engine.payouts import (
    Order,
    give_back,
    new_payout,
    plan,
    run_arrives,
    run_reconciled,
    run_scheduled,
    run_sent,
)
from app.simulator.engine.routes import Call, Route, pick

Json = dict[str, Any]
INSUFFICIENT = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your "
    "available balance by creating Charges using the 4000000000000077 test card. See: "
    "https://stripe.com/docs/testing#available-balance"
)


def create(call: Call) -> Json:
    """`POST /v1/payouts`: out of what is available now."""
    world, params = call.world, call.params
    currency = check_currency(params["currency"])
    amount = params["amount"]
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer"
        )
    if params.get("method") == "instant":
        raise invalid("Instant payouts are not supported for this bank account.", param="method")
    if amount > available(world, currency):
        raise invalid(INSUFFICIENT, code="balance_insufficient")
    fields = {
        **pick(params, "description", "statement_descriptor"),
        "metadata": merged({}, params.get("metadata")),
    }
    return new_payout(world, Order(amount, currency, automatic=False, fields=fields))


def retrieve(call: Call) -> Json:
    """`GET /v1/payouts/{payout}`."""
    return call.world.get("payout", call.id, param="payout")


def update(call: Call) -> Json:
    """`POST /v1/payouts/{payout}`: metadata only."""
    payout = retrieve(call)
    payout["metadata"] = merged(payout["metadata"], call.params.get("metadata"))
    return call.world.save(payout, "payout.updated")


def cancel(call: Call) -> Json:
    """`POST /v1/payouts/{payout}/cancel`: one made by hand, while it is pending."""
    payout = retrieve(call)
    if payout["automatic"]:
        raise invalid("Automatic payouts cannot be canceled.")
    if payout["status"] != "pending":
        raise invalid(
            f"Payouts can only be canceled while pending. This payout has a status of {payout['status']}."
        )
    return give_back(call.world, payout, status="canceled", event="payout.canceled")


def reverse(call: Call) -> Json:
    """`POST /v1/payouts/{payout}/reverse`: a paid one, by a payout that takes it back."""
    world = call.world
    payout = retrieve(call)
    if payout["status"] != "paid" or payout.get("original_payout"):
        raise invalid(
            f"Payouts can only be reversed once paid. This payout has a status of {payout['status']}."
        )
    if payout.get("reversed_by"):
        raise invalid("This payout has already been reversed.")
    fields = {
        "metadata": merged({}, call.params.get("metadata")),
        "original_payout": payout["id"],
    }
    back = new_payout(world, Order(-payout["amount"], payout["currency"], automatic=False, fields=fields))
    payout["reversed_by"] = back["id"]
    world.save(payout, "payout.updated")
    return back


def list_all(call: Call) -> Json:
    """`GET /v1/payouts`."""
    return list_objects(
        call.world,
        "payout",
        call.params,
        url="/v1/payouts",
        filters=("destination", "status"),
        query={"bounds": _bounds(call.params.get("arrival_date"))},
    )


def _bounds(arrival: Any) -> list[tuple[str, str, int]]:
    if isinstance(arrival, int):
        return [("arrival_date", "=", arrival)]
    return [("arrival_date", OPERATORS[name], int(at)) for name, at in (arrival or {}).items()]


ROUTES = [
    Route("POST", "/v1/payouts", create),
    Route("GET", "/v1/payouts", list_all),
    Route("GET", "/v1/payouts/{payout}", retrieve),
    Route("POST", "/v1/payouts/{payout}", update),
    Route("POST", "/v1/payouts/{payout}/cancel", cancel),
    Route("POST", "/v1/payouts/{payout}/reverse", reverse),
]
JOBS = {
    "payout_arrives": run_arrives,
    "payout_reconciled": run_reconciled,
    "payout_run": run_scheduled,
    "payout_sent": run_sent,
    "payouts_planned": plan,
}
