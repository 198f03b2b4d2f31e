"""Draft invoices: who is billed for what."""

from dataclasses import dataclass
from typing import Any

from app.simulator.engine.account import account_name
from app.simulator.engine.ids import new_id
from app.simulator.engine.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """What an invoice is made of, besides its lines."""

    customer: Json
    currency: str
    reason: str
    period: tuple[int, int]
    fields: Json


def new_draft(world: World, terms: Terms, lines: list[Json]) -> Json:
    """Create a draft invoice and tell of it."""
    invoice = draft_of(world, terms, lines)
    customer = terms.customer
    if customer.get("currency") is None:
        customer["currency"] = terms.currency
        world.save(customer, "customer.updated")
    return world.create(invoice, "invoice.created")


def draft_of(world: World, terms: Terms, lines: list[Json]) -> Json:
    """A draft invoice, not stored."""
    invoice_id = new_id("invoice")
    customer = terms.customer
    invoice = {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": account_name(world),
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {"enabled": False},
        "billing_reason": terms.reason,
        "collection_method": "charge_automatically",
        "created": world.now(),
        "currency": terms.currency,
        **_customer_fields(customer),
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {},
        "period_end": terms.period[1],
        "period_start": terms.period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": customer["balance"],
        "status": "draft",
        "status_transitions": {},
        "test_clock": customer.get("test_clock"),
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        **terms.fields,
    }
    set_lines(invoice, lines)
    return invoice


def _customer_fields(customer: Json) -> Json:
    return {
        "customer": customer["id"],
        "customer_address": customer.get("address"),
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "customer_phone": customer.get("phone"),
        "customer_shipping": customer.get("shipping"),
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
    }


def set_lines(invoice: Json, lines: list[Json]) -> None:
    """Put lines on an invoice and add them up."""
    for line in lines:
        line["invoice"] = invoice["id"]
    url = f"/v1/invoices/{invoice['id']}/lines"
    total = sum(line["amount"] for line in lines)
    due = max(total, 0)
    invoice |= {
        "amount_due": due,
        "amount_remaining": due,
        "lines": {"object": "list", "data": lines, "has_more": False, "url": url},
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
    }
