"""Credit notes and the balance customers carry from invoice to invoice."""

from typing import Any

import pytest
import stripe

from tests.simulator.shop import Shop


def paid_invoice(shop: Shop, amount: int = 1500) -> stripe.Invoice:
    """The paid first invoice of a subscription."""
    subscription = shop.subscription(amount=amount)
    return shop.v1.invoices.retrieve(str(subscription.latest_invoice))


def open_invoice(shop: Shop, amount: int = 1500, customer: str | None = None) -> stripe.Invoice:
    """An open invoice of one item, that nobody is charged for by itself."""
    customer = customer or shop.customer().id
    draft = shop.v1.invoices.create({"customer": customer, "currency": "eur", "auto_advance": False})
    shop.v1.invoice_items.create(
        {"customer": customer, "invoice": draft.id, "amount": amount, "currency": "eur"}
    )
    return shop.v1.invoices.finalize_invoice(draft.id)


def credit(shop: Shop, invoice: stripe.Invoice, **fields: Any) -> stripe.CreditNote:
    """A credit note on an invoice."""
    given: Any = {"invoice": invoice.id, **fields}
    return shop.v1.credit_notes.create(given)


def test_a_credit_note_on_an_open_invoice_asks_for_less(shop: Shop) -> None:
    invoice = open_invoice(shop)

    note = credit(shop, invoice, amount=500, reason="order_change", memo="Sorry")

    after = shop.v1.invoices.retrieve(invoice.id)
    assert (note.status, note.type, note.pre_payment_amount, note.post_payment_amount) == (
        "issued",
        "pre_payment",
        500,
        0,
    )
    assert note.number == f"{invoice.number}-CN-01"
    assert (after.amount_due, after.amount_remaining, after.pre_payment_credit_notes_amount) == (
        1000,
        1000,
        500,
    )
    shop.v1.invoices.pay(invoice.id)
    assert [charge["amount"] for charge in shop.simulator.objects("charge")] == [1000]


def test_a_credit_note_of_all_that_is_open_pays_the_invoice(shop: Shop) -> None:
    invoice = open_invoice(shop)

    credit(shop, invoice, amount=1500)

    after = shop.v1.invoices.retrieve(invoice.id)
    assert (after.status, after.amount_paid, after.attempt_count) == ("paid", 0, 0)
    assert [one["status"] for one in shop.simulator.objects("payment_intent")] == ["canceled"]
    assert shop.simulator.objects("charge") == []


def test_a_voided_credit_note_asks_for_it_all_again(shop: Shop) -> None:
    invoice = open_invoice(shop)
    note = credit(shop, invoice, amount=500)

    voided = shop.v1.credit_notes.void_credit_note(note.id)

    after = shop.v1.invoices.retrieve(invoice.id)
    assert (voided.status, voided.voided_at is not None) == ("void", True)
    assert (after.amount_remaining, after.pre_payment_credit_notes_amount) == (1500, 0)
    assert "credit_note.voided" in shop.event_types()
    with pytest.raises(stripe.InvalidRequestError, match="already been voided"):
        shop.v1.credit_notes.void_credit_note(note.id)


def test_a_credit_note_of_a_paid_invoice_says_where_every_cent_goes(shop: Shop) -> None:
    invoice = paid_invoice(shop)

    note = credit(shop, invoice, amount=1000, refund_amount=500, credit_amount=300, out_of_band_amount=200)

    [refund] = shop.simulator.objects("refund")
    customer = shop.v1.customers.retrieve(str(invoice.customer))
    after = shop.v1.invoices.retrieve(invoice.id)
    assert (refund["amount"], refund["status"]) == (500, "succeeded")
    assert [(one.refund, one.amount_refunded) for one in note.refunds] == [(refund["id"], 500)]
    assert (note.out_of_band_amount, note.post_payment_amount) == (200, 1000)
    assert customer.balance == -300
    assert isinstance(note.customer_balance_transaction, str)
    assert (after.status, after.amount_paid, after.post_payment_credit_notes_amount) == ("paid", 1500, 1000)


def test_a_refund_made_before_can_be_linked(shop: Shop) -> None:
    invoice = paid_invoice(shop)
    [charge] = shop.simulator.objects("charge")
    refund = shop.v1.refunds.create({"charge": charge["id"], "amount": 400})

    note = credit(shop, invoice, amount=400, refunds=[{"refund": refund.id, "amount_refunded": 400}])

    assert [one.refund for one in note.refunds] == [refund.id]
    assert len(shop.simulator.objects("refund")) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": 500}, "must equal the post payment"),
        ({"amount": 500, "refund_amount": 400}, "must equal the post payment"),
        ({"amount": 1600, "refund_amount": 1600}, "greater than what is left"),
        ({"amount": 0}, "greater than or equal to 1"),
        ({}, "must pass one of"),
    ],
)
def test_amounts_that_do_not_add_up_are_refused(shop: Shop, fields: dict[str, int], words: str) -> None:
    invoice = paid_invoice(shop)

    with pytest.raises(stripe.InvalidRequestError, match=words):
        credit(shop, invoice, **fields)

    assert shop.simulator.objects("credit_note") == []
    assert shop.simulator.objects("refund") == []


def test_a_draft_or_void_invoice_cannot_be_credited(shop: Shop) -> None:
    customer = shop.customer().id
    draft = shop.v1.invoices.create({"customer": customer})
    voided = shop.v1.invoices.void_invoice(open_invoice(shop).id)

    for invoice in (draft, voided):
        with pytest.raises(stripe.InvalidRequestError, match="open or paid invoice"):
            credit(shop, invoice, amount=1)


def test_lines_of_the_invoice_can_be_credited(shop: Shop) -> None:
    invoice = open_invoice(shop)
    line = invoice.lines.data[0].id

    note = credit(
        shop,
        invoice,
        lines=[
            {"type": "invoice_line_item", "invoice_line_item": line, "amount": 300},
            {"type": "custom_line_item", "description": "Late", "quantity": 2, "unit_amount": 50},
        ],
    )

    listed = shop.v1.credit_notes.line_items.list(note.id).data
    assert note.total == 400
    assert [(one.type, one.amount) for one in listed] == [
        ("invoice_line_item", 300),
        ("custom_line_item", 100),
    ]
    with pytest.raises(stripe.InvalidRequestError, match="No such invoice line item"):
        credit(shop, invoice, lines=[{"type": "invoice_line_item", "invoice_line_item": "il_none"}])


def test_a_preview_stores_nothing(shop: Shop) -> None:
    invoice = paid_invoice(shop)

    shown = shop.v1.credit_notes.preview({"invoice": invoice.id, "amount": 500, "refund_amount": 500})
    lines = shop.v1.credit_notes.preview_lines.list(
        {"invoice": invoice.id, "amount": 500, "refund_amount": 500}
    )

    assert (shown.total, shown.post_payment_amount) == (500, 500)
    assert [line.amount for line in lines.data] == [500]
    assert shop.simulator.objects("credit_note") == []


def test_credit_notes_are_listed_and_updated(shop: Shop) -> None:
    invoice = open_invoice(shop)
    note = credit(shop, invoice, amount=500)

    changed = shop.v1.credit_notes.update(note.id, {"memo": "Again", "metadata": {"a": "1"}})

    assert changed.memo == "Again"
    assert [one.id for one in shop.v1.credit_notes.list({"invoice": invoice.id}).data] == [note.id]
    assert shop.event_types()[-1] == "credit_note.updated"


def test_credit_pays_the_next_invoices_until_it_is_used_up(shop: Shop) -> None:
    customer = shop.customer().id
    shop.v1.customers.balance_transactions.create(customer, {"amount": -2000, "currency": "eur"})

    first, second = open_invoice(shop, customer=customer), open_invoice(shop, customer=customer)

    assert (first.status, first.amount_due, first.starting_balance, first.ending_balance) == (
        "paid",
        0,
        -2000,
        -500,
    )
    assert (second.status, second.amount_due, second.ending_balance) == ("open", 1000, 0)
    moved = [one.amount for one in shop.v1.customers.balance_transactions.list(customer).data]
    assert moved == [500, 1500, -2000]
    shop.v1.invoices.void_invoice(second.id)
    assert shop.v1.customers.retrieve(customer).balance == -500


def test_what_is_too_little_to_charge_waits_for_the_next_invoice(shop: Shop) -> None:
    customer = shop.customer().id

    small = open_invoice(shop, 20, customer)
    next_one = open_invoice(shop, 100, customer)

    assert (small.status, small.amount_due, small.ending_balance) == ("paid", 0, 20)
    assert (next_one.starting_balance, next_one.amount_due) == (20, 120)
    types = [one.type for one in shop.v1.customers.balance_transactions.list(customer).data]
    assert types == ["applied_to_invoice", "invoice_too_small"]


def test_a_total_below_zero_becomes_credit(shop: Shop) -> None:
    customer = shop.customer().id

    invoice = open_invoice(shop, -700, customer)

    assert (invoice.status, invoice.amount_due, invoice.ending_balance) == ("paid", 0, -700)
    assert shop.v1.customers.retrieve(customer).balance == -700


def test_a_pending_refund_says_why(shop: Shop) -> None:
    charge = shop.paid_charge(1500, "usd", "pm_card_pendingRefund")

    refund = shop.v1.refunds.create({"charge": charge.id})

    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    with pytest.raises(stripe.InvalidRequestError, match="Canceling this refund is unsupported"):
        shop.v1.refunds.cancel(refund.id)


def test_a_refund_needs_a_payment_and_an_amount(shop: Shop) -> None:
    charge = shop.paid_charge()
    wrong: list[tuple[Any, str]] = [
        ({}, "One of the following params"),
        ({"charge": charge.id, "amount": 0}, "greater than or equal to 1"),
        ({"charge": "ch_none"}, "No such charge"),
    ]

    for params, words in wrong:
        with pytest.raises(stripe.InvalidRequestError, match=words):
            shop.v1.refunds.create(params)


def test_a_balance_that_changes_by_the_way_is_told_of(shop: Shop) -> None:
    invoice = paid_invoice(shop)

    credit(shop, invoice, amount=300, credit_amount=300)

    told = [one for one in shop.simulator.objects("event") if one["type"] == "customer.updated"]
    assert told[-1]["data"]["object"]["balance"] == -300
    assert told[-1]["data"]["previous_attributes"] == {"balance": 0}
