"""Stripe's own pages on which a member gives another card or confirms a payment.

Errors are those of all calls: StripeUnavailable, StripeRefused.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.kernel.ids import new_id
from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.fields import id_of
from app.stripe_gateway.reading import text_in

if TYPE_CHECKING:
    import stripe
    from stripe.params.billing_portal import SessionCreateParams

PURPOSE_KEY = "purpose"
CARD_PURPOSE = "card"
"""By this the configuration of the portal is found again: cards may be changed there and nothing else."""
STRIPES_LANGUAGES = frozenset(
    "bg cs da de el en es et fi fil fr hr hu id it ja ko lt lv ms mt nb nl pl pt ro ru sk sl sv th tr vi "
    "zh".split()
)
"""The same for the portal and for Checkout.

https://docs.stripe.com/api/customer_portal/sessions/create#create_portal_session-locale,
https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-locale
"""


@dataclass(frozen=True, kw_only=True)
class CardPage:
    """Whose card, in which language, and where Stripe leads back to."""

    customer_id: str
    language: str
    back_url: str
    done_url: str
    """Only after a card was given."""


class StripeCards:
    """Opens the portal's page for another card, and the page on which an invoice is paid."""

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls
        self._configuration_id: str | None = None

    def open_card_page(self, page: CardPage) -> str:
        """Return the address of a page that takes another card, good for some minutes.

        Each has a key of its own: a page opened before has run out, or is used up.
        https://docs.stripe.com/customer-management/portal-deep-links
        """
        params = card_page_params(page, self._find_or_add_configuration())
        key = f"card-page-{new_id()}"
        opened = self._calls.call(
            lambda client: client.v1.billing_portal.sessions.create(params, {"idempotency_key": key})
        )
        return opened.url

    def charge_newest(self, subscription_id: str, customer_id: str, *, press: str) -> None:
        """Charge a subscription from now on to what its customer gave last.

        The portal makes a new card the customer's default, and a subscription's own default goes before
        that: without this the old card would be charged on.

        Args: press: of the button that led to the portal; part of the idempotency key.
        """
        customer = self._calls.call(lambda client: client.v1.customers.retrieve(customer_id))
        settings = getattr(customer, "invoice_settings", None)
        method_id = id_of(settings.default_payment_method) if settings else None
        if method_id is None:
            return
        key = f"newest-card-{press}-{method_id}"
        self._calls.call(
            lambda client: client.v1.subscriptions.update(
                subscription_id, {"default_payment_method": method_id}, {"idempotency_key": key}
            )
        )

    def find_payment_page(self, invoice_id: str) -> str | None:
        """Return the address at which an open invoice is paid and confirmed; None once it is not open."""
        invoice = self._calls.call(lambda client: client.v1.invoices.retrieve(invoice_id))
        return invoice.hosted_invoice_url if invoice.status == "open" else None

    def _find_or_add_configuration(self) -> str:
        """Return the configuration of our card page, which an account has once, made when first needed."""
        if self._configuration_id is None:
            self._configuration_id = self._find_configuration() or self._add_configuration()
        return self._configuration_id

    def _find_configuration(self) -> str | None:
        listed = self._calls.call(
            lambda client: client.v1.billing_portal.configurations.list({"active": True, "limit": 100})
        )
        ours = (one.id for one in listed.data if text_in(one.metadata, PURPOSE_KEY) == CARD_PURPOSE)
        return next(ours, None)

    def _add_configuration(self) -> str:
        key = f"portal-configuration-{CARD_PURPOSE}"
        made: stripe.billing_portal.Configuration = self._calls.call(
            lambda client: client.v1.billing_portal.configurations.create(
                {
                    "features": {"payment_method_update": {"enabled": True}},
                    "metadata": {PURPOSE_KEY: CARD_PURPOSE},
                },
                {"idempotency_key": key},
            )
        )
        return made.id


def card_page_params(page: CardPage, configuration_id: str) -> "SessionCreateParams":
    """Return the parameters of a portal session that does one thing, and leads back when it is done."""
    completion: Any = {"type": "redirect", "redirect": {"return_url": page.done_url}}
    return {
        "customer": page.customer_id,
        "configuration": configuration_id,
        "return_url": page.back_url,
        "locale": page.language if page.language in STRIPES_LANGUAGES else "auto",
        "flow_data": {"type": "payment_method_update", "after_completion": completion},
    }
