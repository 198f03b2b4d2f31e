"""What the product asks of Stripe, one method each."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway import expansions, reading
from app.stripe_gateway.calls import API_VERSION, StripeCalls
from app.stripe_gateway.cards import STRIPES_LANGUAGES, StripeCards
from app.stripe_gateway.customers import StripeCustomers
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from app.stripe_gateway.keepsakes import StripeKeepsakes
from app.stripe_gateway.lists import StripeLists
from app.stripe_gateway.money_calls import MoneyCalls
from app.stripe_gateway.orders import StripeOrders
from app.stripe_gateway.pacing import Pacer
from app.stripe_gateway.snapshots import (
    CheckoutSnapshot,
    CustomerSnapshot,
    EndpointSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
)

if TYPE_CHECKING:
    import stripe
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItemPriceData


@dataclass(frozen=True, kw_only=True)
class CheckoutOrder:
    """All that a Checkout session is made from; frozen, so that asking again asks the same."""

    pledge_id: UUID
    attempt: int
    amount: Money
    interval: Interval
    title: str
    agreed: str | None = None
    """What the page says beside its button of the sum, where there is more to say than the title does."""
    address: str
    language: str
    thanks_url: str
    back_url: str


class StripeGateway(MoneyCalls):
    """Stripe as the product sees it: snapshots out, orders in.

    Attributes: orders: what is asked of it for refunds, subscriptions and invoices; cards: its pages on
        which members give another card or confirm a payment; customers: who they are.
    """

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls
        self.orders = StripeOrders(calls)
        self.lists = StripeLists(calls)
        self.cards = StripeCards(calls)
        self.keepsakes = StripeKeepsakes(calls)
        self.customers = StripeCustomers(calls)

    def pace(self, per_second: int) -> None:
        """Ask Stripe at most so often from now on, as long work does."""
        self._calls.gates.append(Pacer(per_second))

    def open_checkout(self, order: CheckoutOrder) -> CheckoutSnapshot:
        """Open the hosted page for exactly what was pledged, once per pledge and attempt.

        Raises: StripeUnavailable, StripeRefused.
        https://docs.stripe.com/api/checkout/sessions/create
        """
        params = checkout_params(order)
        key = f"pledge-{order.pledge_id}-{order.attempt}"
        session = self._calls.call(
            lambda client: client.v1.checkout.sessions.create(params, {"idempotency_key": key})
        )
        return reading.read_checkout(session)

    def expire_checkout(self, session_id: str) -> CheckoutSnapshot:
        """Close an open session, so that it cannot be paid any more.

        Raises: StripeUnavailable; StripeRefused: it is not open.
        """
        key = f"expire-{session_id}"
        session = self._calls.call(
            lambda client: client.v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": key})
        )
        return reading.read_checkout(session)

    def fetch_checkout(self, session_id: str) -> CheckoutSnapshot:
        """Fetch a Checkout session. Raises: StripeUnavailable, StripeRefused."""
        session = self._calls.call(
            lambda client: client.v1.checkout.sessions.retrieve(
                session_id, {"expand": list(expansions.CHECKOUT)}
            )
        )
        return reading.read_checkout(session)

    def fetch_customer(self, customer_id: str) -> CustomerSnapshot:
        """Fetch a customer, deleted or not. Raises: StripeUnavailable, StripeRefused."""
        customer = self._calls.call(lambda client: client.v1.customers.retrieve(customer_id))
        return reading.read_customer(customer)

    def fetch_subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        """Fetch a subscription. Raises: StripeUnavailable, StripeRefused, UnsupportedShape."""
        subscription = self._calls.call(
            lambda client: client.v1.subscriptions.retrieve(
                subscription_id, {"expand": list(expansions.SUBSCRIPTION)}
            )
        )
        return reading.read_subscription(subscription)

    def fetch_invoice(self, invoice_id: str) -> InvoiceSnapshot:
        """Fetch an invoice. Raises: StripeUnavailable, StripeRefused."""
        invoice = self._calls.call(
            lambda client: client.v1.invoices.retrieve(invoice_id, {"expand": list(expansions.INVOICE)})
        )
        return reading.read_invoice(invoice)

    def fetch_payment(self, intent_id: str) -> PaymentSnapshot:
        """Fetch a payment intent, its charge, and the invoice it pays unless a pledge is named on it.

        One call for a gift made once, two for a payment of an invoice: since API version
        2025-03-31 neither object names the other. Raises: StripeUnavailable, StripeRefused.
        """
        intent = self._calls.call(
            lambda client: client.v1.payment_intents.retrieve(intent_id, {"expand": list(expansions.PAYMENT)})
        )
        named = reading.pledge_id_of(intent.metadata)
        return reading.read_payment(intent, None if named else self._find_invoice_paid_by(intent_id))

    def fetch_refund(self, refund_id: str) -> RefundSnapshot:
        """Fetch a refund. Raises: StripeUnavailable, StripeRefused."""
        expand = list(expansions.REFUND)
        refund = self._calls.call(lambda client: client.v1.refunds.retrieve(refund_id, {"expand": expand}))
        return reading.read_refund(refund)

    def create_webhook_endpoint(self, url: str) -> str:
        """Create the endpoint for the events we follow; returns its signing secret.

        Each call has a key of its own: under one kept for the address, an endpoint deleted and created
        again within a day would be answered with the secret of the deleted one.
        Raises: StripeUnavailable; StripeRefused.
        https://docs.stripe.com/api/webhook_endpoints/create
        """
        key = f"webhook-endpoint-{new_id()}"
        endpoint = self._calls.call(
            lambda client: client.v1.webhook_endpoints.create(
                {"url": url, "enabled_events": list(FOLLOWED_EVENTS), "api_version": API_VERSION},
                {"idempotency_key": key},
            )
        )
        return endpoint.secret or ""

    def find_webhook_endpoint(self, url: str) -> EndpointSnapshot | None:
        """Return the endpoint that sends to an address. Raises: StripeUnavailable, StripeRefused."""
        page = self._calls.call(lambda client: client.v1.webhook_endpoints.list({"limit": 100}))
        for endpoint in page.data:
            if endpoint.url == url:
                return EndpointSnapshot(
                    enabled=endpoint.status == "enabled", api_version=endpoint.api_version
                )
        return None

    def fetch_clock(self) -> datetime:
        """Return Stripe's time, read off a balance's answer. Raises: StripeUnavailable, StripeRefused."""
        balance = self._calls.call(lambda client: client.v1.balance.retrieve())
        stamp = balance.last_response.headers["Date"] if balance.last_response else ""
        return parsedate_to_datetime(stamp)

    def _find_invoice_paid_by(self, intent_id: str) -> "stripe.Invoice | None":
        found = self._calls.call(
            lambda client: client.v1.invoice_payments.list(
                {
                    "payment": {"type": "payment_intent", "payment_intent": intent_id},
                    "expand": ["data.invoice"],
                    "limit": 1,
                }
            )
        )
        if not found.data or isinstance(found.data[0].invoice, str):
            return None
        invoice = found.data[0].invoice
        return None if getattr(invoice, "deleted", False) else invoice


def checkout_params(order: CheckoutOrder) -> "SessionCreateParams":
    """Return the parameters of a session: the same order always gives the same ones."""
    metadata = {reading.PLEDGE_KEY: str(order.pledge_id)}
    params: SessionCreateParams = {
        "ui_mode": "hosted_page",
        "mode": "payment" if order.interval is Interval.once else "subscription",
        "line_items": [{"quantity": 1, "price_data": _price(order)}],
        "customer_email": order.address,
        "success_url": order.thanks_url,
        "cancel_url": order.back_url,
        "locale": order.language if order.language in STRIPES_LANGUAGES else "auto",
        "metadata": metadata,
    }
    if order.agreed:
        params["custom_text"] = {"submit": {"message": order.agreed}}
    if order.interval is Interval.once:
        params["customer_creation"] = "always"
        params["submit_type"] = "donate"
        params["payment_intent_data"] = {"metadata": metadata}
    else:
        params["subscription_data"] = {"metadata": metadata}
    return params


def _price(order: CheckoutOrder) -> "SessionCreateParamsLineItemPriceData":
    price: SessionCreateParamsLineItemPriceData = {
        "currency": order.amount.currency,
        "unit_amount": order.amount.minor,
        "product_data": {"name": order.title},
    }
    if order.interval is not Interval.once:
        price["recurring"] = {"interval": order.interval.value}
    return price
