"""Bank debits: a payment that is `processing` until the bank has answered."""

from typing import Any

from app.simulator.engine.charges import book_charge, failed, new_charge
from app.simulator.engine.disputes import Claim, decide, open_claim
from app.simulator.engine.errors import invalid
from app.simulator.engine.sepa import account_of, mandate_of, revoke_mandate
from app.simulator.engine.world import World

Json = dict[str, Any]
# Not every failure code of a charge is an error code of the API.
KNOWN_CODES = frozenset({"charge_exceeds_source_limit", "insufficient_funds"})
ATTEMPT_FAILED = "payment_intent_payment_attempt_failed"
SOON_SECONDS = 5
LATER_SECONDS = 200


def debit(world: World, intent: Json, method: Json) -> Json:
    """Ask the bank for a payment; the answer comes later, by the account's own rule.

    Raises: StripeError: not in euros.
    """
    if intent["currency"] != "eur":
        raise invalid(
            f"The currency provided ({intent['currency']}) is invalid for one of the payment method types: "
            "sepa_debit. sepa_debit only supports the following currencies: eur.",
            param="currency",
        )
    mandate = mandate_of(world, method, intent.pop("_acceptance", None))
    charge = new_charge(world, intent, method)
    charge["payment_method_details"]["sepa_debit"]["mandate"] = mandate["id"]
    charge |= {"paid": False, "status": "pending"}
    world.create(charge, "charge.pending")
    types = intent["payment_method_types"]
    intent |= {
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
        "payment_method_types": types if "sepa_debit" in types else [*types, "sepa_debit"],
        "status": "processing",
    }
    world.save(intent, "payment_intent.processing")
    seconds = LATER_SECONDS if account_of(method).delayed else SOON_SECONDS
    world.schedule(world.now() + seconds, "debit_answered", intent["id"])
    return intent


def run_answered(world: World, ref: str) -> None:
    """The bank has paid, or refused."""
    intent = world.get("payment_intent", ref)
    if intent["status"] != "processing":
        return
    charge = world.get("charge", intent["latest_charge"])
    method = world.get("payment_method", intent["payment_method"])
    account = account_of(method)
    if account.failure:
        _refused(world, intent, charge, *account.failure)
    else:
        _paid(world, intent, charge)
    world.jobs["payment_answered"](world, ref)
    if account.kind == "disputed":
        _dispute(world, charge["id"], method)


def _paid(world: World, intent: Json, charge: Json) -> None:
    charge |= {"paid": True, "status": "succeeded"}
    world.save(charge, "charge.succeeded")
    intent |= {"amount_received": intent["amount"], "status": "succeeded"}
    world.save(intent, "payment_intent.succeeded")
    book_charge(world, charge["id"])


def _refused(world: World, intent: Json, charge: Json, code: str, message: str) -> None:
    method = world.present(world.get("payment_method", intent["payment_method"]))
    world.save(failed(charge, code, message), "charge.failed")
    intent |= {
        "last_payment_error": {
            "charge": charge["id"],
            "code": code if code in KNOWN_CODES else ATTEMPT_FAILED,
            "doc_url": "https://docs.stripe.com/error-codes",
            "message": message,
            "payment_method": method,
            "type": "invalid_request_error",
        },
        "payment_method": None,
        "status": "requires_payment_method",
    }
    world.save(intent, "payment_intent.payment_failed")


def _dispute(world: World, charge_id: str, method: Json) -> None:
    """A debit is taken back without a question: the dispute is lost as it opens, and the mandate with it."""
    charge = world.get("charge", charge_id)
    dispute = open_claim(world, charge, Claim("debit_not_authorized"))
    decide(world, dispute, won=False)
    revoke_mandate(world, world.get("payment_method", method["id"]))
