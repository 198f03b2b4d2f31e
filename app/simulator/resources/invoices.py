"""Invoices, their lines, and their payments."""

from typing import Any

from app.simulator.engine.drafts import Terms, new_draft
from app.simulator.engine.errors import card_error, invalid, missing_param
from app.simulator.engine.invoices import (
    DRAFT_SECONDS,
    collect,
    finalize,
    intent_of,
    is_processing,
    mark_uncollectible,
    method_for,
    send,
    settle_invoice,
    subscription_of,
    void,
)
from app.simulator.engine.lines import item_line
from app.simulator.engine.listing import as_list, list_objects, page_of
from app.simulator.engine.metadata import merged
from app.simulator.engine.methods import attach, find_method
from app.simulator.engine.money import check_currency
from app.simulator.engine.payments import Attempt
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.subscriptions import claim_item
from app.simulator.engine.uncovered import refuse_uncovered
from app.simulator.engine.world import World
from app.simulator.resources import customers
from app.simulator.resources.payment_intents import last_error

Json = dict[str, Any]
DAY_SECONDS = 86400
DRAFT_ONLY = {
    "automatically_finalizes_at", "collection_method", "custom_fields", "days_until_due", "description",
    "due_date", "effective_at", "footer", "number",
}  # fmt: skip
PLAIN_FIELDS = (
    "description",
    "footer",
    "statement_descriptor",
    "default_payment_method",
    "custom_fields",
    "effective_at",
    "number",
)


def create(call: Call) -> Json:
    """`POST /v1/invoices`: a manual draft, with the pending items when asked."""
    world, params = call.world, call.params
    refuse_uncovered(call)
    if "customer" not in params:
        raise missing_param("customer")
    customer = customers.find(call, params["customer"], param="customer")
    items = (
        _pending_items(world, customer, params.get("currency"))
        if params.get("pending_invoice_items_behavior") == "include"
        else []
    )
    currency = (
        params.get("currency") or (items[0]["currency"] if items else customer.get("currency")) or "usd"
    )
    fields = {
        **pick(params, *PLAIN_FIELDS, "collection_method", "auto_advance"),
        "metadata": merged({}, params.get("metadata")),
    }
    if "due_date" in params:
        fields["due_date"] = params["due_date"]
    elif params.get("collection_method") == "send_invoice":
        fields["due_date"] = world.now() + params.get("days_until_due", 30) * DAY_SECONDS
    now = world.now()
    terms = Terms(customer, check_currency(currency), "manual", (now, now), fields)
    invoice = new_draft(world, terms, [item_line(item) for item in items])
    for item in items:
        claim_item(world, item["id"], invoice)
    _advance(world, invoice, params)
    return world.save(invoice)


def retrieve(call: Call) -> Json:
    """`GET /v1/invoices/{invoice}`."""
    return call.world.get("invoice", call.id)


def update(call: Call) -> Json:
    """`POST /v1/invoices/{invoice}`."""
    world, params = call.world, call.params
    invoice = find(call)
    invoice["metadata"] = merged(invoice["metadata"], params.get("metadata"))
    refuse_uncovered(call)
    if invoice["status"] != "draft" and params.keys() & DRAFT_ONLY:
        raise invalid("Finalized invoices can't be updated in this way", code="invoice_not_editable")
    invoice |= pick(params, *PLAIN_FIELDS, "auto_advance", "collection_method", "due_date")
    if "days_until_due" in params:
        invoice["due_date"] = world.now() + params["days_until_due"] * DAY_SECONDS
    if invoice["status"] == "draft" and params.keys() & {"auto_advance", "automatically_finalizes_at"}:
        _advance(world, invoice, params)
    return world.save(invoice, "invoice.updated")


def delete(call: Call) -> Json:
    """`DELETE /v1/invoices/{invoice}`: drafts only."""
    invoice = find(call)
    if invoice["status"] != "draft":
        raise invalid("You can only delete draft invoices.", code="invoice_not_editable")
    if subscription_of(call.world, invoice):
        raise invalid("You can't delete invoices created by subscriptions.", code="invoice_not_editable")
    call.world.unschedule(invoice["id"])
    for item in call.world.store.linked("invoiceitem", "invoice", invoice["id"]):
        item["invoice"] = None
        call.world.save(item)
    call.world.emit("invoice.deleted", invoice)
    call.world.store.delete(invoice)
    return {"id": invoice["id"], "object": "invoice", "deleted": True}


def finalize_now(call: Call) -> Json:
    """`POST /v1/invoices/{invoice}/finalize`."""
    return finalize(call.world, find(call))


def pay(call: Call) -> Json:
    """`POST /v1/invoices/{invoice}/pay`."""
    world, params = call.world, call.params
    invoice = find(call)
    if invoice["status"] == "draft":
        finalize(world, invoice)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "void":
        raise invalid("Invoice is not payable: it is void.", code="invoice_not_payable")
    if params.get("paid_out_of_band"):
        return settle_invoice(world, invoice)
    method = _method(world, invoice, params)
    off_session = bool(params.get("off_session", True))
    collect(world, invoice, method, Attempt(off_session=off_session, for_invoice=True))
    if invoice["status"] != "paid" and not is_processing(world, invoice):
        _refuse(world, invoice)
    return invoice


def void_now(call: Call) -> Json:
    """`POST /v1/invoices/{invoice}/void`."""
    return void(call.world, find(call))


def send_now(call: Call) -> Json:
    """`POST /v1/invoices/{invoice}/send`: opens a draft first."""
    invoice = find(call)
    if invoice["collection_method"] != "send_invoice":
        raise invalid("You can only manually send an invoice if its collection method is 'send_invoice'.")
    if invoice["status"] == "draft":
        finalize(call.world, invoice)
    if invoice["status"] not in {"open", "paid"}:
        raise invalid(f"You cannot send an invoice with a status of {invoice['status']}.")
    return send(call.world, invoice)


def give_up(call: Call) -> Json:
    """`POST /v1/invoices/{invoice}/mark_uncollectible`."""
    return mark_uncollectible(call.world, find(call))


def list_all(call: Call) -> Json:
    """`GET /v1/invoices`."""
    return list_objects(
        call.world,
        "invoice",
        call.params,
        url="/v1/invoices",
        filters=("collection_method", "customer", "status", "subscription"),
    )


def list_lines(call: Call) -> Json:
    """`GET /v1/invoices/{invoice}/lines`."""
    invoice = find(call)
    return page_of(invoice["lines"]["data"], call.params, f"/v1/invoices/{invoice['id']}/lines")


def payments_of(world: World, invoice: Json) -> Json:
    """The `payments` list an invoice shows when expanded."""
    found = world.store.linked("invoice_payment", "invoice", invoice["id"])
    return as_list([world.present(one) for one in found[::-1]], "/v1/invoice_payments")


def secret_of(world: World, invoice: Json) -> Json | None:
    """The `confirmation_secret` an invoice shows when expanded; drafts have none."""
    secret: Json | None = world.get("invoice", invoice["id"]).get("_confirmation_secret")
    return secret


def find(call: Call) -> Json:
    """The invoice of the path, with its test clock in charge."""
    invoice = call.world.get("invoice", call.id)
    call.world.enter_test_clock(invoice.get("test_clock"))
    return invoice


def _pending_items(world: World, customer: Json, currency: str | None) -> list[Json]:
    items = world.store.linked("invoiceitem", "waiting", customer["id"])
    return [item for item in items if currency in (None, item["currency"])]


def _advance(world: World, invoice: Json, params: Json) -> None:
    """Have a draft opened when it should be, or no longer at all."""
    world.unschedule(invoice["id"], "invoice_finalize")
    given = params.get("automatically_finalizes_at")
    if given and not invoice["auto_advance"]:
        raise invalid(
            "You can only set `automatically_finalizes_at` when `auto_advance` is true.",
            param="automatically_finalizes_at",
        )
    if given and given <= world.now():
        raise invalid("Invalid timestamp: must be in the future.", param="automatically_finalizes_at")
    invoice["automatically_finalizes_at"] = None
    if invoice["auto_advance"]:
        invoice["automatically_finalizes_at"] = given or world.now() + DRAFT_SECONDS
        world.schedule(invoice["automatically_finalizes_at"], "invoice_finalize", invoice["id"])


def _method(world: World, invoice: Json, params: Json) -> Json:
    if "payment_method" in params:
        return attach(world, find_method(world, params["payment_method"]), invoice["customer"])
    method = method_for(world, invoice, subscription_of(world, invoice))
    if method is None:
        raise invalid(
            "There is no `default_payment_method` set on this Customer or Invoice. Please pass in a "
            "PaymentMethod with the `payment_method` parameter.",
            code="invoice_payment_intent_requires_action",
        )
    return method


def _refuse(world: World, invoice: Json) -> None:
    intent = intent_of(world, invoice)
    error = last_error(world, intent) if intent else None
    if error:
        raise error
    raise card_error(
        "Invoice payment intent requires additional user action.",
        code="invoice_payment_intent_requires_action",
        decline_code=None,
        extra={},
    )


ROUTES = [
    Route("POST", "/v1/invoices", create),
    Route("GET", "/v1/invoices", list_all),
    Route("GET", "/v1/invoices/{invoice}", retrieve),
    Route("POST", "/v1/invoices/{invoice}", update),
    Route("DELETE", "/v1/invoices/{invoice}", delete),
    Route("POST", "/v1/invoices/{invoice}/finalize", finalize_now),
    Route("POST", "/v1/invoices/{invoice}/pay", pay),
    Route("POST", "/v1/invoices/{invoice}/send", send_now),
    Route("POST", "/v1/invoices/{invoice}/void", void_now),
    Route("POST", "/v1/invoices/{invoice}/mark_uncollectible", give_up),
    Route("GET", "/v1/invoices/{invoice}/lines", list_lines),
]
INCLUDABLE = {("invoice", "confirmation_secret"): secret_of, ("invoice", "payments"): payments_of}
