"""What Stripe is told to do with refunds, subscriptions and invoices, one call each.

Every write carries an idempotency key made from a stored ask, and leaves the ask's id on the object.
Errors are those of all calls: StripeUnavailable, StripeAnswerSpoiled, StripeRefused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway import reading
from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.marks import Mark
from app.stripe_gateway.snapshots import InvoiceSnapshot
from app.stripe_gateway.standing import StandingSnapshot, read_standing

if TYPE_CHECKING:
    import stripe
    from stripe.params import RefundCreateParams, SubscriptionUpdateParams

UNPAID = ("draft", "open")


class StripeOrders:
    """The writes behind the asks, and the looks that tell whether one was done."""

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls

    def find_refund(self, intent_id: str, mark: Mark) -> str | None:
        """Return the refund of a payment that was made for an ask."""
        params: stripe.params.RefundListParams = {"payment_intent": intent_id, "limit": 100}
        page = self._calls.call(lambda client: client.v1.refunds.list(params))
        while True:
            for refund in page.data:
                if getattr(refund.metadata, reading.ASK_KEY, None) == str(mark.ask_id):
                    return refund.id
            if not page.has_more:
                return None
            page = self._calls.call(lambda _client, page=page: page.next_page())  # type: ignore[misc]

    def create_refund(self, intent_id: str, amount: Money, mark: Mark) -> str:
        """Give part or all of a payment back; returns the refund's id.

        https://docs.stripe.com/api/refunds/create
        """
        params: RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": amount.minor,
            "metadata": mark.on_refund,
        }
        refund = self._calls.call(
            lambda client: client.v1.refunds.create(params, {"idempotency_key": mark.key()})
        )
        return refund.id

    def fetch_standing(self, subscription_id: str) -> StandingSnapshot:
        """Fetch a subscription as a change of it sees it. Raises: also UnsupportedShape."""
        return read_standing(
            self._calls.call(lambda client: client.v1.subscriptions.retrieve(subscription_id))
        )

    def end_now(self, subscription_id: str, mark: Mark) -> None:
        """End a subscription at once.

        Stripe takes neither idempotency key nor metadata with a DELETE: the second one is refused as
        `resource_missing`, and the comment says whose the first was.
        https://docs.stripe.com/api/subscriptions/cancel
        """
        details: Any = {"cancellation_details": {"comment": mark.on_end}}
        self._calls.call(lambda client: client.v1.subscriptions.cancel(subscription_id, details))

    def end_with_period(self, subscription_id: str, mark: Mark) -> None:
        """End a subscription with the period that is paid for."""
        self._update(subscription_id, {"cancel_at_period_end": True}, mark)

    def let_go_on(self, standing: StandingSnapshot, mark: Mark) -> None:
        """Take a planned end back; one planned by date, as the portal does, is unset by date."""
        planned: SubscriptionUpdateParams = (
            {"cancel_at_period_end": False} if standing.cancels_at_period_end else {"cancel_at": ""}
        )
        self._update(standing.id, planned, mark)

    def charge(self, standing: StandingSnapshot, amount: Money, interval: Interval, mark: Mark) -> None:
        """Charge another amount from the next renewal on, and nothing for the period that is paid for.

        A new interval begins when the paid period is over: until then Stripe calls it a trial.
        https://docs.stripe.com/billing/subscriptions/change-price
        """
        recurring: Any = {"interval": interval.value}
        params: SubscriptionUpdateParams = {
            "items": [
                {
                    "id": standing.item_id,
                    "price_data": {
                        "currency": amount.currency,
                        "product": standing.product_id,
                        "unit_amount": amount.minor,
                        "recurring": recurring,
                    },
                    "quantity": 1,
                }
            ],
            "proration_behavior": "none",
        }
        if interval is not standing.interval:
            params["trial_end"] = int(standing.period_end.timestamp())
        self._update(standing.id, params, mark)

    def move_charge(self, subscription_id: str, charge_at: datetime, mark: Mark) -> None:
        """Make the next charge later, and all that follow on its day; nothing is charged or credited for it.

        Until then Stripe calls it a trial.
        https://docs.stripe.com/billing/subscriptions/billing-cycle
        """
        change: SubscriptionUpdateParams = {
            "trial_end": int(charge_at.timestamp()),
            "proration_behavior": "none",
        }
        self._update(subscription_id, change, mark)

    def pause(self, subscription_id: str, resumes_at: datetime, mark: Mark) -> None:
        """Charge nothing until a day: what falls due meanwhile is voided.

        https://docs.stripe.com/billing/subscriptions/pause-payment
        """
        pause: Any = {"behavior": "void", "resumes_at": int(resumes_at.timestamp())}
        self._update(subscription_id, {"pause_collection": pause}, mark)

    def resume(self, subscription_id: str, mark: Mark) -> None:
        """Charge again from the next renewal on."""
        self._update(subscription_id, {"pause_collection": ""}, mark)

    def leave_mark(self, subscription_id: str, mark: Mark) -> None:
        """Say that an ask was the last of its matter, though it left nothing to change."""
        self._update(subscription_id, {}, mark)

    def list_unpaid_invoices(self, subscription_id: str) -> list[InvoiceSnapshot]:
        """Return a subscription's invoices that are drafts or open."""
        found: list[InvoiceSnapshot] = []
        for status in UNPAID:
            params = {"subscription": subscription_id, "status": status, "limit": 100}
            page = self._calls.call(
                lambda client, params=params: client.v1.invoices.list(cast("Any", params))  # type: ignore[misc]
            )
            found += [reading.read_invoice(invoice) for invoice in page.data]
        return found

    def finalize_invoice(self, invoice_id: str, mark: Mark) -> None:
        """Open a draft without trying to collect it."""
        key = mark.key("finalize", invoice_id)
        self._calls.call(
            lambda client: client.v1.invoices.finalize_invoice(
                invoice_id, {"auto_advance": False}, {"idempotency_key": key}
            )
        )

    def void_invoice(self, invoice_id: str, mark: Mark) -> None:
        """Void an open invoice: nobody is asked for it any more."""
        key = mark.key("void", invoice_id)
        self._calls.call(
            lambda client: client.v1.invoices.void_invoice(invoice_id, {}, {"idempotency_key": key})
        )

    def pay_invoice(self, invoice_id: str, mark: Mark) -> None:
        """Try an open invoice now, by the payment method that is the default by now.

        https://docs.stripe.com/api/invoices/pay
        """
        key = mark.key()
        self._calls.call(lambda client: client.v1.invoices.pay(invoice_id, {}, {"idempotency_key": key}))

    def lower_draft(self, invoice: InvoiceSnapshot, by: Money, mark: Mark) -> None:
        """Take an amount off a draft, by a line of its own."""
        params: Any = {
            "customer": invoice.customer_id,
            "invoice": invoice.id,
            "amount": -by.minor,
            "currency": by.currency,
            "period": _period(invoice),
            "metadata": mark.on_refund,
        }
        key = mark.key("lower", invoice.id)
        self._calls.call(lambda client: client.v1.invoice_items.create(params, {"idempotency_key": key}))

    def lower_open(self, invoice: InvoiceSnapshot, by: Money, mark: Mark) -> None:
        """Take an amount off an open invoice, by a credit note of Stripe's; no money moves.

        https://docs.stripe.com/api/credit_notes/create
        """
        params: Any = {"invoice": invoice.id, "amount": by.minor, "metadata": mark.on_refund}
        key = mark.key("lower", invoice.id)
        self._calls.call(lambda client: client.v1.credit_notes.create(params, {"idempotency_key": key}))

    def _update(self, subscription_id: str, change: "SubscriptionUpdateParams", mark: Mark) -> None:
        params: SubscriptionUpdateParams = {**change, "metadata": mark.on_subscription}
        self._calls.call(
            lambda client: client.v1.subscriptions.update(
                subscription_id, params, {"idempotency_key": mark.key()}
            )
        )


def _period(invoice: InvoiceSnapshot) -> Mapping[str, int]:
    return {"start": int(invoice.period_start.timestamp()), "end": int(invoice.period_end.timestamp())}
