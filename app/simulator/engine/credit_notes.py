"""Credit notes: what is taken off an invoice after it was opened, and where the money goes."""

from dataclasses import dataclass, field
from typing import Any

from app.simulator.engine.customer_balance import move
from app.simulator.engine.errors import invalid
from app.simulator.engine.ids import new_id
from app.simulator.engine.invoices import intent_of, lower_amount, raise_amount
from app.simulator.engine.money import labelled
from app.simulator.engine.refunds import make_refund
from app.simulator.engine.world import World

Json = dict[str, Any]
AMOUNTS = ("amount", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax")


@dataclass(frozen=True)
class Shares:
    """Where the part that was paid already goes, in minor units of the invoice's currency.

    Attributes: refund is made now; credit goes to the customer's balance; out_of_band was paid by other
    means; refunds were made before.
    """

    refund: int = 0
    credit: int = 0
    out_of_band: int = 0
    refunds: list[Json] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All of it."""
        before = sum(int(one["amount_refunded"]) for one in self.refunds)
        return self.refund + self.credit + self.out_of_band + before


def draft_note(world: World, invoice: Json, lines: list[Json], shares: Shares, fields: Json) -> Json:
    """A credit note that would be issued, not yet stored.

    Raises: StripeError: the invoice or the amounts do not allow it.
    """
    total = sum(line["amount"] for line in lines)
    _check(invoice, total, shares)
    before = invoice["status"] == "open"
    note_id = new_id("credit_note")
    issued = len(world.store.linked("credit_note", "invoice", invoice["id"]))
    amounts = dict.fromkeys(
        ("amount", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), total
    )
    return {
        "id": note_id,
        "object": "credit_note",
        **amounts,
        "amount_shipping": 0,
        "created": world.now(),
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": world.now(),
        "invoice": invoice["id"],
        "lines": {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/credit_notes/{note_id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "number": f"{invoice['number']}-CN-{issued + 1:02d}",
        "out_of_band_amount": shares.out_of_band or None,
        "pdf": f"{world.base_url}/credit_notes/{note_id}/pdf",
        "post_payment_amount": 0 if before else total,
        "pre_payment_amount": total if before else 0,
        "pretax_credit_amounts": [],
        "refunds": shares.refunds,
        "status": "issued",
        "total_taxes": [],
        "type": "pre_payment" if before else "post_payment",
        **fields,
    }


def issue(world: World, invoice: Json, note: Json, shares: Shares) -> Json:
    """Issue a drafted credit note: less is due, or the money goes where it was said to go."""
    if note["pre_payment_amount"]:
        world.create(note, "credit_note.created")
        invoice["pre_payment_credit_notes_amount"] += note["amount"]
        lower_amount(world, invoice, note["amount"])
        return note
    if shares.refund:
        refund = make_refund(world, _charge(world, invoice), shares.refund, {})
        part = {"amount_refunded": shares.refund, "refund": refund["id"], "type": "refund"}
        note["refunds"] = [*note["refunds"], part]
    if shares.credit:
        customer = world.get("customer", invoice["customer"])
        moved = move(
            world,
            customer,
            -shares.credit,
            kind="credit_note",
            credit_note=note["id"],
            invoice=invoice["id"],
        )
        note["customer_balance_transaction"] = moved["id"]
    invoice["post_payment_credit_notes_amount"] += note["amount"]
    world.create(note, "credit_note.created")
    world.save(invoice, "invoice.updated")
    return note


def void_note(world: World, note: Json) -> Json:
    """Take back a credit note of an open invoice.

    Raises: StripeError: it is void, or the invoice is no longer open.
    """
    invoice = world.get("invoice", note["invoice"])
    if note["status"] == "void":
        raise invalid("This credit note has already been voided.")
    if invoice["status"] != "open":
        raise invalid("You can only void a credit note if the associated invoice is open.")
    note |= {"status": "void", "voided_at": world.now()}
    world.save(note, "credit_note.voided")
    invoice["pre_payment_credit_notes_amount"] -= note["amount"]
    raise_amount(world, invoice, note["amount"])
    return note


def _check(invoice: Json, total: int, shares: Shares) -> None:
    if invoice["status"] not in {"open", "paid"}:
        raise invalid(
            "You can only create a credit note for an open or paid invoice. This invoice is "
            f"{invoice['status']}.",
            param="invoice",
        )
    if total < 1:
        raise invalid("The credit note's amount must be greater than or equal to 1.", param="amount")
    left = invoice["amount_remaining"]
    if invoice["status"] == "paid":
        left = invoice["amount_paid"] - invoice["post_payment_credit_notes_amount"]
    asked, rest = labelled(total, invoice["currency"]), labelled(left, invoice["currency"])
    if total > left:
        raise invalid(
            f"The amount of the credit note ({asked}) is greater than what is left to credit on the invoice "
            f"({rest}).",
            param="amount",
        )
    wanted = 0 if invoice["status"] == "open" else total
    if shares.total != wanted:
        given, post = labelled(shares.total, invoice["currency"]), labelled(wanted, invoice["currency"])
        raise invalid(
            f"The sum of credit amount, refund amount and out of band amount ({given}) must equal the post "
            f"payment credit note amount ({post})."
        )


def _charge(world: World, invoice: Json) -> Json:
    intent = intent_of(world, invoice)
    if intent is None or not intent.get("latest_charge"):
        raise invalid("This invoice was not paid by a charge that can be refunded.", param="refund_amount")
    return world.get("charge", intent["latest_charge"])
