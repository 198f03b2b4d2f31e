"""Disputes: opened by test cards or on order, answered with evidence, won or lost."""

from typing import Any

from app.simulator.engine.cards import Card
from app.simulator.engine.disputes import (
    EVIDENCE_FIELDS,
    Claim,
    decide,
    open_claim,
    present,
    require_open,
    run_decided,
    run_lapses,
    submit,
)
from app.simulator.engine.errors import invalid
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import card_of, customer_clock
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.world import World

Json = dict[str, Any]
REASONS = (
    "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated",
    "debit_not_authorized", "duplicate", "fraudulent", "general", "incorrect_account_details",
    "insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable",
    "subscription_canceled", "unrecognized",
)  # fmt: skip


def retrieve(call: Call) -> Json:
    """`GET /v1/disputes/{dispute}`."""
    return call.world.get("dispute", call.id, param="dispute")


def update(call: Call) -> Json:
    """`POST /v1/disputes/{dispute}`: evidence, handed in unless `submit` is false."""
    world, params = call.world, call.params
    dispute = find(call)
    require_open(dispute)
    dispute["metadata"] = merged(dispute["metadata"], params.get("metadata"))
    given = params.get("evidence")
    if given:
        _check_length(given)
        dispute["evidence"] |= {name: value or None for name, value in given.items()}
        kept = [dispute["evidence"].get(name) for name in EVIDENCE_FIELDS]
        dispute["evidence_details"]["has_evidence"] = any(kept)
    if params.get("submit", bool(given)):
        return submit(world, dispute)
    return world.save(dispute, "charge.dispute.updated")


def close(call: Call) -> Json:
    """`POST /v1/disputes/{dispute}/close`: accept it as lost."""
    return decide(call.world, find(call), won=False)


def list_all(call: Call) -> Json:
    """`GET /v1/disputes`."""
    return list_objects(
        call.world, "dispute", call.params, url="/v1/disputes", filters=("charge", "payment_intent")
    )


def find(call: Call) -> Json:
    """The dispute of the path, with the test clock of its customer in charge."""
    dispute = call.world.get("dispute", call.id, param="dispute")
    charge = call.world.get("charge", dispute["charge"])
    call.world.enter_test_clock(customer_clock(call.world, charge.get("customer")))
    return dispute


def open_dispute(
    world: World, charge_id: str, reason: str, amount: int | None = None, *, inquiry: bool = False
) -> Json:
    """Have a charge disputed by its bank, the way only a bank can.

    Args: amount: minor units of the charge's currency, all that is not refunded when not given;
        inquiry: the bank only asks; no money moves until it escalates.
    Raises: StripeError: no such charge, reason or amount, or the charge never succeeded.
    """
    charge = world.get("charge", charge_id, param="charge")
    world.enter_test_clock(customer_clock(world, charge.get("customer")))
    if reason not in REASONS:
        raise invalid(f"Invalid reason: must be one of {', '.join(REASONS)}", param="reason")
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise invalid(f"Charge {charge_id} has not succeeded, so no bank can dispute it.", param="charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not 0 < (left if amount is None else amount) <= left:
        raise invalid(f"A dispute of charge {charge_id} can be of 1 to {left}.", param="amount")
    return open_claim(world, charge, Claim(reason, amount, inquiry))


def settle_dispute(world: World, dispute_id: str, *, won: bool) -> Json:
    """Have the bank decide a dispute now. Raises: StripeError: none by that id, or closed already."""
    dispute = world.get("dispute", dispute_id, param="dispute")
    charge = world.get("charge", dispute["charge"])
    world.enter_test_clock(customer_clock(world, charge.get("customer")))
    return decide(world, dispute, won=won)


def run_card_disputes(world: World, ref: str) -> None:
    """A charge succeeded that was made with a card whose payments are disputed at once."""
    charge = world.get("charge", ref)
    card: Card = card_of(world.get("payment_method", charge["payment_method"]))
    inquiry = card.dispute == "inquiry"
    reason = "fraudulent" if inquiry else card.dispute
    open_claim(world, charge, Claim(reason, inquiry=inquiry))


def _check_length(evidence: Json) -> None:
    total = sum(len(value) for value in evidence.values() if isinstance(value, str))
    if total > 150_000:
        raise invalid(
            "The combined length of all evidence is limited to 150,000 characters.", param="evidence"
        )


ROUTES = [
    Route("GET", "/v1/disputes", list_all),
    Route("GET", "/v1/disputes/{dispute}", retrieve),
    Route("POST", "/v1/disputes/{dispute}", update),
    Route("POST", "/v1/disputes/{dispute}/close", close),
]
JOBS = {"charge_disputed": run_card_disputes, "dispute_decided": run_decided, "dispute_lapses": run_lapses}
PRESENTERS = {"dispute": present}
