"""Disputes: a bank takes a payment back, and evidence may win it again."""

from dataclasses import dataclass
from typing import Any

from app.simulator.engine.balance import DAY_SECONDS, post_adjustment
from app.simulator.engine.errors import invalid
from app.simulator.engine.ids import new_id
from app.simulator.engine.money import dispute_fee
from app.simulator.engine.world import World

Json = dict[str, Any]
DUE_DAYS = 8
INQUIRY_DAYS = 120
REVIEW_SECONDS = 5
INQUIRY = "inquiry"
CLOSED = frozenset({"won", "lost", "warning_closed"})
NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1", INQUIRY: "10"}
EVIDENCE_FIELDS = (
    "access_activity_log", "appeal", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip
# What Stripe's documentation of testing lets `uncategorized_text` decide.
WINNING, LOSING, ESCALATING = "winning_evidence", "losing_evidence", "escalate_inquiry_evidence"


@dataclass(frozen=True)
class Claim:
    """What a bank says of a charge. `amount` is in minor units of the charge's currency; None: all of it."""

    reason: str
    amount: int | None = None
    inquiry: bool = False


def open_claim(world: World, charge: Json, claim: Claim) -> Json:
    """Open a dispute; unless it is an inquiry the money is withdrawn at once, with the fee."""
    amount = claim.amount or charge["amount_captured"] - charge["amount_refunded"]
    dispute = _new_dispute(world, charge, claim, amount)
    world.store.insert(dispute, world.now())
    charge["disputed"] = True
    if not claim.inquiry:
        _withdraw(world, dispute, charge)
    world.store.replace(world.get("dispute", dispute["id"]), dispute)
    world.emit("charge.dispute.created", dispute)
    if not claim.inquiry:
        world.emit("charge.dispute.funds_withdrawn", dispute)
    world.save(charge, "charge.updated")
    days = INQUIRY_DAYS if claim.inquiry else 0
    at = world.now() + days * DAY_SECONDS if days else dispute["evidence_details"]["due_by"]
    world.schedule(at, "dispute_lapses", dispute["id"])
    return dispute


def submit(world: World, dispute: Json) -> Json:
    """Hand the evidence in: the bank looks at it, and Stripe's magic words decide what it finds."""
    details = dispute["evidence_details"]
    details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
    inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_under_review" if inquiry else "under_review"
    world.save(dispute, "charge.dispute.updated")
    words = dispute["evidence"].get("uncategorized_text")
    if words in {WINNING, LOSING} or (inquiry and words == ESCALATING):
        world.schedule(world.now() + REVIEW_SECONDS, "dispute_decided", dispute["id"])
    return dispute


def run_decided(world: World, ref: str) -> None:
    """The bank has looked at evidence that holds one of Stripe's magic words."""
    dispute = world.get("dispute", ref)
    if dispute["status"] in CLOSED:
        return
    words = dispute["evidence"]["uncategorized_text"]
    if words == ESCALATING:
        escalate(world, dispute)
    else:
        decide(world, dispute, won=words == WINNING)


def run_lapses(world: World, ref: str) -> None:
    """Nobody answered in time: a dispute is lost, an inquiry that came to nothing is closed."""
    dispute = world.get("dispute", ref)
    if dispute["status"] == "needs_response":
        dispute["evidence_details"]["past_due"] = True
        decide(world, dispute, won=False)
    elif dispute["status"].startswith("warning") and dispute["status"] not in CLOSED:
        decide(world, dispute, won=False)


def escalate(world: World, dispute: Json) -> Json:
    """The bank makes a chargeback of an inquiry: now the money is withdrawn."""
    world.unschedule(dispute["id"])
    charge = world.get("charge", dispute["charge"])
    dispute |= {"is_charge_refundable": False, "status": "needs_response"}
    dispute["evidence_details"]["due_by"] = _due_by(world.now())
    if dispute["payment_method_details"]:
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    _withdraw(world, dispute, charge)
    world.save(dispute, "charge.dispute.updated", "charge.dispute.funds_withdrawn")
    world.schedule(dispute["evidence_details"]["due_by"], "dispute_lapses", dispute["id"])
    return dispute


def decide(world: World, dispute: Json, *, won: bool) -> Json:
    """Close a dispute. Won, the amount comes back, Stripe keeps its fee; an inquiry just ends.

    Raises: StripeError: it is closed already.
    """
    require_open(dispute)
    world.unschedule(dispute["id"])
    charge = world.get("charge", dispute["charge"])
    if dispute["status"].startswith("warning"):
        dispute["status"] = "warning_closed"
    else:
        dispute["status"] = "won" if won else "lost"
    if dispute["status"] == "won":
        dispute["is_charge_refundable"] = True
        _reinstate(world, dispute, charge)
    events = ["charge.dispute.closed"]
    if dispute["status"] == "won":
        events.insert(0, "charge.dispute.funds_reinstated")
    world.save(dispute, *events)
    return dispute


def require_open(dispute: Json) -> None:
    """Raises: StripeError: the dispute is closed."""
    if dispute["status"] in CLOSED:
        raise invalid("This dispute is already closed")


def blocks_refund(world: World, charge: Json) -> bool:
    """Whether a charge was taken back by a bank, so that it cannot be refunded as well."""
    if not charge["disputed"]:
        return False
    disputes = world.store.linked("dispute", "charge", charge["id"])
    return any(not dispute["is_charge_refundable"] for dispute in disputes)


def present(world: World, dispute: Json) -> Json:
    """A dispute is shown with its whole balance transactions."""
    kept = [world.get("balance_transaction", one) for one in dispute["balance_transactions"]]
    return {**dispute, "balance_transactions": [world.present(one) for one in kept]}


def _withdraw(world: World, dispute: Json, charge: Json) -> None:
    posted = post_adjustment(
        world,
        dispute,
        charge=charge,
        amount=-dispute["amount"],
        category="dispute",
        description=f"Chargeback withdrawal for {charge['id']}",
        fee=dispute_fee,
    )
    dispute["balance_transactions"] = [*dispute["balance_transactions"], posted["id"]]


def _reinstate(world: World, dispute: Json, charge: Json) -> None:
    posted = post_adjustment(
        world,
        dispute,
        charge=charge,
        amount=dispute["amount"],
        category="dispute_reversal",
        description=f"Chargeback reversal for {charge['id']}",
        fee=None,
    )
    dispute["balance_transactions"] = [*dispute["balance_transactions"], posted["id"]]


def _due_by(now: int) -> int:
    later = now + DUE_DAYS * DAY_SECONDS
    return later - later % DAY_SECONDS + DAY_SECONDS - 1


def _new_dispute(world: World, charge: Json, claim: Claim, amount: int) -> Json:
    details = charge["payment_method_details"]
    case = {"case_type": INQUIRY if claim.inquiry else "chargeback"}
    network_code = NETWORK_CODES.get(INQUIRY if claim.inquiry else claim.reason)
    by_card = None
    if details["type"] == "card":
        card = details["card"]
        names = {"brand": card["brand"], "network": card["network"], "network_reason_code": network_code}
        by_card = {"card": {**names, **case}, "type": "card"}
    return {
        "id": new_id("dispute"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE_FIELDS), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": _due_by(world.now()),
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": claim.inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": network_code if by_card else None,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": by_card,
        "reason": claim.reason,
        "status": "warning_needs_response" if claim.inquiry else "needs_response",
    }
