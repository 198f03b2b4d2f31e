"""Invoices that are sent, advance by themselves, are announced, or wait for an endpoint."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.simulator.receiver import Receiver
from tests.simulator.shop import DAY, Shop

HOUR = 3600


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint that answers as it is told."""
    listening = Receiver()
    yield listening
    listening.close()


def statuses(shop: Shop) -> list[str]:
    """Every invoice's status, oldest first."""
    return [invoice["status"] for invoice in shop.simulator.objects("invoice")]


def draft(shop: Shop, **fields: Any) -> stripe.Invoice:
    """A draft of fifteen euros."""
    customer = shop.customer().id
    given: Any = {"customer": customer, "currency": "eur", **fields}
    invoice = shop.v1.invoices.create(given)
    shop.v1.invoice_items.create(
        {"customer": customer, "invoice": invoice.id, "amount": 1500, "currency": "eur"}
    )
    return shop.v1.invoices.retrieve(invoice.id)


def test_a_sent_invoice_is_due_in_its_days(shop: Shop) -> None:
    invoice = draft(shop, collection_method="send_invoice", days_until_due=10)

    sent = shop.v1.invoices.send_invoice(invoice.id)

    assert (sent.status, sent.due_date) == ("open", invoice.created + 10 * DAY)
    assert shop.event_types()[-1] == "invoice.sent"
    shop.simulator.advance(seconds=11 * DAY)
    assert "invoice.overdue" in shop.event_types()
    assert shop.simulator.objects("charge") == []


def test_an_invoice_that_is_charged_cannot_be_sent(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="collection method is 'send_invoice'"):
        shop.v1.invoices.send_invoice(draft(shop).id)


def test_a_subscription_can_be_billed_by_sent_invoices(shop: Shop) -> None:
    subscription = shop.subscription(collection_method="send_invoice", days_until_due=7)
    assert (subscription.status, statuses(shop)) == ("active", ["draft"])

    shop.simulator.advance(seconds=2 * HOUR)
    [invoice] = shop.simulator.objects("invoice")
    assert (invoice["status"], invoice["due_date"]) == ("open", invoice["effective_at"] + 7 * DAY)
    assert shop.event_types()[-1] == "invoice.sent"
    shop.simulator.advance(seconds=8 * DAY)
    assert shop.simulator.objects("subscription")[0]["status"] == "past_due"
    shop.v1.invoices.pay(invoice["id"], {"paid_out_of_band": True})

    assert shop.simulator.objects("subscription")[0]["status"] == "active"


def test_sending_needs_days(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="days_until_due"):
        shop.subscription(collection_method="send_invoice")


def test_a_draft_advances_only_when_told_and_when_told(shop: Shop) -> None:
    invoice = draft(shop, auto_advance=False)
    shop.simulator.advance(seconds=3 * HOUR)
    assert statuses(shop) == ["draft"]
    at = shop.simulator.now() + 5 * HOUR

    shop.v1.invoices.update(invoice.id, {"auto_advance": True, "automatically_finalizes_at": at})

    shop.simulator.advance(to=at - 60)
    assert statuses(shop) == ["draft"]
    shop.simulator.advance(to=at + 60)
    assert statuses(shop) == ["paid"]


def test_a_draft_can_be_stopped(shop: Shop) -> None:
    invoice = draft(shop, auto_advance=True)

    shop.v1.invoices.update(invoice.id, {"auto_advance": False})
    shop.simulator.advance(seconds=3 * HOUR)

    assert statuses(shop) == ["draft"]


def test_the_items_of_a_draft_can_still_change(shop: Shop) -> None:
    invoice = draft(shop)
    [item] = shop.v1.invoice_items.list({"invoice": invoice.id}).data

    shop.v1.invoice_items.update(item.id, {"amount": 900})
    assert shop.v1.invoices.retrieve(invoice.id).total == 900
    shop.v1.invoice_items.delete(item.id)
    assert shop.v1.invoices.retrieve(invoice.id).total == 0


def test_the_items_of_an_open_invoice_cannot(shop: Shop) -> None:
    invoice = draft(shop)
    [item] = shop.v1.invoice_items.list({"invoice": invoice.id}).data
    shop.v1.invoices.finalize_invoice(invoice.id)

    with pytest.raises(stripe.InvalidRequestError, match="can no longer be changed"):
        shop.v1.invoice_items.update(item.id, {"amount": 900})
    with pytest.raises(stripe.InvalidRequestError, match="Finalized invoices"):
        shop.v1.invoices.update(invoice.id, {"description": "Late"})


def test_a_deleted_draft_leaves_its_items_waiting(shop: Shop) -> None:
    invoice = draft(shop)

    shop.v1.invoices.delete(invoice.id)

    assert len(shop.v1.invoice_items.list({"pending": True}).data) == 1


def test_a_renewal_is_announced_when_the_account_says_so(shop: Shop) -> None:
    shop.simulator.settings(invoice_upcoming_days=7)
    subscription = shop.subscription(amount=500)
    end = subscription["items"].data[0].current_period_end

    shop.simulator.advance(to=end - 7 * DAY + 60)

    event = shop.simulator.objects("event")[-1]
    invoice = event["data"]["object"]
    assert event["type"] == "invoice.upcoming"
    assert (invoice["amount_due"], invoice["lines"]["data"][0]["period"]["start"]) == (500, end)
    assert len(shop.simulator.objects("invoice")) == 1


def test_a_renewal_waits_for_the_endpoint_for_three_days_at_most(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.settings(wait_for_invoice_created=True)
    shop.simulator.webhook_endpoint(receiver.url, events=["invoice.created"])
    subscription = shop.subscription()
    shop.simulator.deliver_now()
    end = subscription["items"].data[0].current_period_end
    shop.simulator.webhook_faults(hold=True)

    shop.simulator.advance(to=end + 71 * HOUR)
    assert statuses(shop) == ["paid", "draft"]
    shop.simulator.advance(to=end + 73 * HOUR)

    assert statuses(shop) == ["paid", "paid"]


def test_an_acknowledged_renewal_goes_on_within_the_hour(shop: Shop, receiver: Receiver) -> None:
    shop.simulator.settings(wait_for_invoice_created=True)
    shop.simulator.webhook_endpoint(receiver.url, events=["invoice.created"])
    subscription = shop.subscription()
    end = subscription["items"].data[0].current_period_end
    shop.simulator.webhook_faults(hold=True)
    shop.simulator.advance(to=end + 5 * HOUR)
    assert statuses(shop) == ["paid", "draft"]

    shop.simulator.webhook_faults(hold=False)
    shop.simulator.deliver_now()
    shop.simulator.advance(seconds=HOUR + 60)

    assert statuses(shop) == ["paid", "paid"]
