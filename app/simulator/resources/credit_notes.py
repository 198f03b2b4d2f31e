"""Credit notes."""

from typing import Any

from app.simulator.engine.credit_notes import Shares, draft_note, issue, void_note
from app.simulator.engine.errors import invalid, missing_param, not_covered
from app.simulator.engine.ids import new_id
from app.simulator.engine.listing import list_objects, page_of
from app.simulator.engine.metadata import merged
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World

Json = dict[str, Any]
TAXED = ("tax_amounts", "tax_rates")


def create(call: Call) -> Json:
    """`POST /v1/credit_notes`."""
    invoice, note, shares = _drafted(call)
    return issue(call.world, invoice, note, shares)


def preview(call: Call) -> Json:
    """`GET /v1/credit_notes/preview`: what would be issued; nothing is stored."""
    return _drafted(call)[1]


def preview_lines(call: Call) -> Json:
    """`GET /v1/credit_notes/preview/lines`."""
    return page_of(_drafted(call)[1]["lines"]["data"], call.params, "/v1/credit_notes/preview/lines")


def retrieve(call: Call) -> Json:
    """`GET /v1/credit_notes/{id}`."""
    return call.world.get("credit_note", call.id)


def update(call: Call) -> Json:
    """`POST /v1/credit_notes/{id}`: memo and metadata."""
    note = find(call)
    note |= pick(call.params, "memo")
    note["metadata"] = merged(note["metadata"], call.params.get("metadata"))
    return call.world.save(note, "credit_note.updated")


def void(call: Call) -> Json:
    """`POST /v1/credit_notes/{id}/void`."""
    return void_note(call.world, find(call))


def list_all(call: Call) -> Json:
    """`GET /v1/credit_notes`."""
    return list_objects(
        call.world, "credit_note", call.params, url="/v1/credit_notes", filters=("customer", "invoice")
    )


def list_lines(call: Call) -> Json:
    """`GET /v1/credit_notes/{credit_note}/lines`."""
    note = call.world.get("credit_note", call.id)
    return page_of(note["lines"]["data"], call.params, note["lines"]["url"])


def find(call: Call) -> Json:
    """The credit note of the path, with the test clock of its invoice in charge."""
    note = call.world.get("credit_note", call.id)
    call.world.enter_test_clock(call.world.get("invoice", note["invoice"]).get("test_clock"))
    return note


def _drafted(call: Call) -> tuple[Json, Json, Shares]:
    world, params = call.world, call.params
    if "shipping_cost" in params:
        raise not_covered(f"shipping_cost of {call.path}", "")
    if "invoice" not in params:
        raise missing_param("invoice")
    invoice = world.get("invoice", params["invoice"], param="invoice")
    world.enter_test_clock(invoice.get("test_clock"))
    shares = Shares(
        params.get("refund_amount", 0),
        params.get("credit_amount", 0),
        params.get("out_of_band_amount", 0),
        [_linked_refund(world, one) for one in params.get("refunds") or []],
    )
    fields = {
        **pick(params, "effective_at", "memo", "reason"),
        "metadata": merged({}, params.get("metadata")),
    }
    return invoice, draft_note(world, invoice, _lines(invoice, params), shares, fields), shares


def _linked_refund(world: World, given: Json) -> Json:
    if "refund" not in given:
        raise missing_param("refunds[0][refund]")
    refund = world.get("refund", given["refund"], param="refunds[0][refund]")
    amount = given.get("amount_refunded", refund["amount"])
    if amount > refund["amount"]:
        raise invalid("The amount is greater than the refund's.", param="refunds[0][amount_refunded]")
    return {"amount_refunded": amount, "refund": refund["id"], "type": "refund"}


def _lines(invoice: Json, params: Json) -> list[Json]:
    if "lines" in params and "amount" in params:
        raise invalid("You may only specify one of these parameters: amount, lines.", param="amount")
    if params.get("lines"):
        return [_line(invoice, one, f"lines[{number}]") for number, one in enumerate(params["lines"])]
    if "amount" not in params:
        raise invalid("You must pass one of `amount`, `lines` or `shipping_cost`.", param="amount")
    return [_new_line(params["amount"], kind="custom_line_item", description=None)]


def _line(invoice: Json, given: Json, where: str) -> Json:
    if any(name in given for name in TAXED):
        raise not_covered("taxes of", "credit note lines")
    if given["type"] == "custom_line_item":
        if "unit_amount" not in given or "quantity" not in given:
            raise missing_param(f"{where}[unit_amount]")
        amount = given["unit_amount"] * given["quantity"]
        return _new_line(
            amount, kind="custom_line_item", **pick(given, "description", "quantity", "unit_amount")
        )
    found = next(
        (line for line in invoice["lines"]["data"] if line["id"] == given.get("invoice_line_item")), None
    )
    if found is None:
        raise invalid(
            f"No such invoice line item: '{given.get('invoice_line_item')}'",
            param=f"{where}[invoice_line_item]",
            code="resource_missing",
        )
    return _of_invoice_line(found, given, where)


def _of_invoice_line(found: Json, given: Json, where: str) -> Json:
    each = found["amount"] // max(found["quantity"] or 1, 1)
    amount = given.get("amount", each * given.get("quantity", found["quantity"] or 1))
    if not 0 < amount <= found["amount"]:
        raise invalid("The amount is more than the invoice line's.", param=f"{where}[amount]")
    by_quantity = {"quantity": given["quantity"], "unit_amount": each} if "quantity" in given else {}
    return _new_line(
        amount,
        kind="invoice_line_item",
        description=found["description"],
        invoice_line_item=found["id"],
        **by_quantity,
    )


def _new_line(amount: int, *, kind: str, **fields: Any) -> Json:
    unit = fields.get("unit_amount")
    return {
        "id": new_id("credit_note_line_item"),
        "object": "credit_note_line_item",
        "amount": amount,
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "tax_rates": [],
        "taxes": [],
        "type": kind,
        "unit_amount_decimal": None if unit is None else str(unit),
        **fields,
    }


ROUTES = [
    Route("POST", "/v1/credit_notes", create),
    Route("GET", "/v1/credit_notes", list_all),
    Route("GET", "/v1/credit_notes/preview", preview),
    Route("GET", "/v1/credit_notes/preview/lines", preview_lines),
    Route("GET", "/v1/credit_notes/{id}", retrieve),
    Route("POST", "/v1/credit_notes/{id}", update),
    Route("POST", "/v1/credit_notes/{id}/void", void),
    Route("GET", "/v1/credit_notes/{credit_note}/lines", list_lines),
]
