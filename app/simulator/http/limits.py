"""The account's budget of requests a second, when one is set."""

import threading
import time

from app.simulator.engine.errors import StripeError


class RateLimit:
    """Counts the requests of each second of real time.

    Attributes: per_second: how many are answered, None for any number.
    """

    def __init__(self) -> None:
        self.per_second: int | None = None
        self._lock = threading.Lock()
        self._second = 0
        self._count = 0

    def spend(self) -> None:
        """Raises: StripeError: 429, this second's budget is spent."""
        if self.per_second is None:
            return
        with self._lock:
            second = int(time.monotonic())
            if second != self._second:
                self._second, self._count = second, 0
            self._count += 1
            if self._count <= self.per_second:
                return
        raise too_many_requests()


def too_many_requests() -> StripeError:
    """The refusal of a request beyond the global limit."""
    message = (
        "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits."
    )
    error = StripeError(
        429,
        {
            "type": "invalid_request_error",
            "code": "rate_limit",
            "message": message,
            "doc_url": "https://docs.stripe.com/error-codes#rate-limit",
        },
    )
    error.headers["Stripe-Rate-Limited-Reason"] = "global-rate"
    return error
