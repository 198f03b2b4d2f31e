"""Invoices made by hand: draft, open, paid, void, uncollectible."""

import pytest
import stripe

from tests.simulator.shop import DAY, Shop


def draft(shop: Shop, card: str | None = "pm_card_visa", **fields: object) -> stripe.Invoice:
    """Ada's draft invoice over 7 dollars."""
    customer = shop.customer(card)
    shop.v1.invoice_items.create(
        {"customer": customer.id, "amount": 700, "currency": "usd", "description": "Tote bag"}
    )
    given = {"customer": customer.id, "pending_invoice_items_behavior": "include", **fields}
    return shop.v1.invoices.create(given)  # type: ignore[arg-type]


def test_a_draft_is_finalized_and_paid(shop: Shop) -> None:
    invoice = draft(shop)
    assert (invoice.status, invoice.number, invoice.total) == ("draft", None, 700)

    opened = shop.v1.invoices.finalize_invoice(invoice.id)
    paid = shop.v1.invoices.pay(invoice.id)

    assert (opened.status, opened.amount_remaining) == ("open", 700)
    assert opened.number is not None
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 700, 0)
    assert paid.status_transitions.paid_at is not None
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        shop.v1.invoices.pay(invoice.id)


def test_a_finalized_invoice_is_no_draft_any_more(shop: Shop) -> None:
    invoice = draft(shop)
    shop.v1.invoices.finalize_invoice(invoice.id)

    with pytest.raises(stripe.InvalidRequestError, match="already finalized"):
        shop.v1.invoices.finalize_invoice(invoice.id)
    with pytest.raises(stripe.InvalidRequestError, match="draft"):
        shop.v1.invoices.delete(invoice.id)


def test_an_open_invoice_can_be_voided_and_its_payment_with_it(shop: Shop) -> None:
    invoice = draft(shop)
    shop.v1.invoices.finalize_invoice(invoice.id)

    voided = shop.v1.invoices.void_invoice(invoice.id)

    assert voided.status == "void"
    assert shop.simulator.objects("payment_intent")[0]["status"] == "canceled"
    assert shop.simulator.objects("invoice_payment")[0]["status"] == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.pay(invoice.id)


def test_an_uncollectible_invoice_can_still_be_paid(shop: Shop) -> None:
    invoice = draft(shop)
    shop.v1.invoices.finalize_invoice(invoice.id)

    given_up = shop.v1.invoices.mark_uncollectible(invoice.id)
    paid = shop.v1.invoices.pay(invoice.id)

    assert given_up.status == "uncollectible"
    assert paid.status == "paid"


def test_a_paid_invoice_can_be_neither_voided_nor_given_up(shop: Shop) -> None:
    invoice = draft(shop)
    shop.v1.invoices.pay(invoice.id)

    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.void_invoice(invoice.id)
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.mark_uncollectible(invoice.id)


def test_paying_with_a_bad_card_is_a_402_and_leaves_it_open(shop: Shop) -> None:
    invoice = draft(shop, "pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError) as refused:
        shop.v1.invoices.pay(invoice.id)

    assert refused.value.code == "card_declined"
    left = shop.v1.invoices.retrieve(invoice.id)
    assert (left.status, left.attempt_count) == ("open", 1)


def test_a_draft_can_be_deleted(shop: Shop) -> None:
    invoice = draft(shop)

    deleted = shop.v1.invoices.delete(invoice.id)

    assert deleted.deleted is True
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.retrieve(invoice.id)


def test_a_draft_that_may_advance_is_charged_after_an_hour(shop: Shop) -> None:
    invoice = draft(shop, auto_advance=True)

    shop.simulator.advance(seconds=3700)

    assert shop.v1.invoices.retrieve(invoice.id).status == "paid"


def test_a_failed_charge_is_retried_on_schedule(shop: Shop) -> None:
    invoice = draft(shop, "pm_card_chargeCustomerFail", auto_advance=True)

    shop.simulator.advance(seconds=20 * DAY)

    assert shop.v1.invoices.retrieve(invoice.id).attempt_count == 4


def test_an_invoice_over_nothing_is_paid_at_once(shop: Shop) -> None:
    customer = shop.customer()
    invoice = shop.v1.invoices.create({"customer": customer.id})

    assert shop.v1.invoices.finalize_invoice(invoice.id).status == "paid"


def test_lines_can_be_listed(shop: Shop) -> None:
    invoice = draft(shop)

    assert [line.amount for line in shop.v1.invoices.line_items.list(invoice.id).data] == [700]


def test_numbers_of_a_customer_count_up(shop: Shop) -> None:
    shop.subscription()
    shop.simulator.advance(seconds=62 * DAY)

    numbers = [invoice["number"][-4:] for invoice in shop.simulator.objects("invoice")]

    assert numbers == ["0001", "0002", "0003"]
