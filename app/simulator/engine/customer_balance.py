"""What a customer is owed or owes: credit below zero, debt above, used up by invoices."""

from typing import Any

from app.simulator.engine.money import least_amount
from app.simulator.engine.world import World

Json = dict[str, Any]


def move(world: World, customer: Json, amount: int, *, kind: str, **fields: Any) -> Json:
    """Add to a customer's balance and write it down.

    Args: amount: minor units of the customer's currency, negative for credit; kind: Stripe's type.
    """
    customer["balance"] += amount
    world.save(customer)
    return world.create(
        {
            "object": "customer_balance_transaction",
            "amount": amount,
            "created": world.now(),
            "currency": customer.get("currency") or "usd",
            "customer": customer["id"],
            "ending_balance": customer["balance"],
            "livemode": False,
            "metadata": {},
            "type": kind,
            **fields,
        }
    )


def apply_to_invoice(world: World, invoice: Json) -> None:
    """Settle an invoice about to be opened against the balance.

    Credit is used up, debt is added, a total below zero becomes credit, and what is too little
    to be charged becomes debt for the next invoice.
    """
    customer = world.get("customer", invoice["customer"])
    starting = customer["balance"] if customer.get("currency") == invoice["currency"] else 0
    invoice |= {"ending_balance": starting, "starting_balance": starting}
    if invoice["total"] == 0:
        return
    owed = invoice["total"] + starting
    due = max(owed, 0)
    kind = "applied_to_invoice"
    if 0 < due < least_amount(invoice["currency"]):
        due, kind = 0, "invoice_too_small"
    used = invoice["total"] - due
    if used:
        move(world, customer, used, kind=kind, invoice=invoice["id"])
    invoice |= {"amount_due": due, "amount_remaining": due, "ending_balance": starting + used}


def give_back(world: World, invoice: Json) -> None:
    """Return what a voided invoice took from the balance, or gave to it."""
    used = (invoice.get("ending_balance") or 0) - invoice["starting_balance"]
    if used:
        customer = world.get("customer", invoice["customer"])
        move(world, customer, -used, kind="unapplied_from_invoice", invoice=invoice["id"])
