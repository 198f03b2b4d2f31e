"""Short ways to the objects most tests begin with: prices, sessions, subscriptions, payments."""

from typing import Any

import stripe

from tests.support.simulator import SimulatorProcess

DAY = 86400
SUCCESS_URL = "https://newsroom.example/thanks?session_id={CHECKOUT_SESSION_ID}"


class Shop:
    """A newsroom that sells support."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        self.simulator = simulator
        self.v1 = simulator.client().v1

    def customer(self, card: str | None = "pm_card_visa", **fields: Any) -> stripe.Customer:
        """Ada, with a card to charge by default."""
        given: Any = {"email": "ada@example.org", "name": "Ada", **fields}
        if card:
            method = self.v1.payment_methods.create({"type": "card", "card": {"token": token(card)}})
            given |= {
                "payment_method": method.id,
                "invoice_settings": {"default_payment_method": method.id},
            }
        return self.v1.customers.create(given)

    def price(self, amount: int = 200, currency: str = "eur", interval: Any = "month") -> stripe.Price:
        """Monthly support of 2 euros unless told otherwise; interval None for once."""
        fields: Any = {
            "currency": currency,
            "unit_amount": amount,
            "product_data": {"name": "Support"},
        }
        if interval:
            fields["recurring"] = {"interval": interval}
        return self.v1.prices.create(fields)

    def subscription(
        self, card: str = "pm_card_visa", amount: int = 200, interval: str = "month", **fields: Any
    ) -> stripe.Subscription:
        """Ada's subscription through the API."""
        given: Any = dict(fields)
        given.setdefault("customer", None)
        given["customer"] = given["customer"] or self.customer(card).id
        given.setdefault("items", [{"price": self.price(amount, interval=interval).id}])
        return self.v1.subscriptions.create(given)

    def session(
        self, mode: str = "payment", amount: int = 1500, currency: str = "usd", **fields: Any
    ) -> stripe.checkout.Session:
        """An open Checkout session with an inline price."""
        data: Any = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Support"}}
        if mode == "subscription":
            data["recurring"] = {"interval": "month"}
        given: Any = {
            "mode": mode,
            "line_items": [{"price_data": data, "quantity": 1}],
            "success_url": SUCCESS_URL,
            **fields,
        }
        return self.v1.checkout.sessions.create(given)

    def paid_charge(
        self, amount: int = 1500, currency: str = "usd", card: str = "pm_card_visa"
    ) -> stripe.Charge:
        """A succeeded charge."""
        intent = self.v1.payment_intents.create(
            {"amount": amount, "currency": currency, "payment_method": card, "confirm": True}
        )
        assert isinstance(intent.latest_charge, str)
        return self.v1.charges.retrieve(intent.latest_charge)

    def event_types(self) -> list[str]:
        """Every event so far, in order of birth."""
        return [event["type"] for event in self.simulator.objects("event")]


def token(card: str) -> str:
    """The `tok_` name of a `pm_card_` card, or the number itself."""
    return card.replace("pm_card_", "tok_")
