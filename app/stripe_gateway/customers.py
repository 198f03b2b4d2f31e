"""What Stripe is told of the people behind customers.

Errors are those of all calls: StripeUnavailable, StripeAnswerSpoiled, StripeRefused.
"""

from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.marks import Mark
from app.stripe_gateway.reading import ASK_KEY


class StripeCustomers:
    """Changes and deletes customers; who they are is never kept in their metadata."""

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls

    def move(self, customer_id: str, address: str, mark: Mark) -> None:
        """Write another address on a customer: receipts and notices of Stripe's go there from now on.

        https://docs.stripe.com/api/customers/update
        """
        self._calls.call(
            lambda client: client.v1.customers.update(
                customer_id,
                {"email": address, "metadata": {ASK_KEY: str(mark.ask_id)}},
                {"idempotency_key": mark.key()},
            )
        )

    def delete(self, customer_id: str) -> None:
        """Delete a customer with their cards, and end at once whatever is charged to them.

        Stripe takes no idempotency key with a DELETE; the second one is refused as `resource_missing`.
        https://docs.stripe.com/api/customers/delete
        """
        self._calls.call(lambda client: client.v1.customers.delete(customer_id))
