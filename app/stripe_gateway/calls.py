"""How every call to Stripe is made: pinned, bounded in time, its errors named."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from app.kernel.network_guard import check_network_allowed
from app.stripe_gateway.errors import (
    StripeAnswerSpoiled,
    StripeMuted,
    StripeRefused,
    StripeUnavailable,
)

if TYPE_CHECKING:  # `import stripe` costs a third of a second: paid by the first call, not by the start
    import stripe

API_VERSION: Final = "2026-10-28.endive"
CONNECT_TIMEOUT_SECONDS = 2.0
PAUSE_SECONDS = 0.2

Answer = TypeVar("Answer")
Gate = Callable[[str], object]


@dataclass
class StripeCalls:
    """Stripe's client with a budget: no call takes longer than about `budget_seconds` in all.

    One more try is made where the first failed early, as a dropped connection does; a second
    slow failure would outlive the reader's patience and the web server's own timeout.
    """

    api_key: str = field(repr=False)
    api_base: str | None
    budget_seconds: float
    gates: list[Gate] = field(default_factory=list)
    """What every request passes: each is given the HTTP method, and may wait or raise."""

    @cached_property
    def client(self) -> "stripe.StripeClient":
        """The client, made when first needed."""
        import stripe  # noqa: PLC0415 (see TYPE_CHECKING above)

        gates, read_timeout_seconds = self.gates, self.budget_seconds * 0.55

        class Gated(stripe.RequestsClient):
            def request(self, method: str, *rest: Any, **named: Any) -> Any:
                for gate in gates:
                    gate(method)
                return super().request(method, *rest, **named)

        return stripe.StripeClient(
            self.api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": self.api_base} if self.api_base else {},
            http_client=Gated(timeout=(CONNECT_TIMEOUT_SECONDS, read_timeout_seconds)),
            max_network_retries=0,
        )

    def call(self, ask: Callable[["stripe.StripeClient"], Answer]) -> Answer:
        """Ask Stripe, once more if the first try failed early.

        Raises: StripeUnavailable: it may or may not be done; ask again later, with the same
            idempotency key. StripeAnswerSpoiled: as before, but only another key gets another
            answer. StripeRefused: it was not done and never will be.
            NetworkInsideTransaction: a fault of ours.
        """
        check_network_allowed()
        started = time.monotonic()
        try:
            return self._ask(ask)
        except StripeMuted:
            raise
        except StripeUnavailable:
            if time.monotonic() - started > self.budget_seconds / 4:
                raise
        time.sleep(PAUSE_SECONDS)
        return self._ask(ask)

    def _ask(self, ask: Callable[["stripe.StripeClient"], Answer]) -> Answer:
        import stripe  # noqa: PLC0415 (see TYPE_CHECKING above)

        try:
            return ask(self.client)
        except (stripe.APIConnectionError, stripe.RateLimitError) as away:
            raise StripeUnavailable(type(away).__name__) from None
        except stripe.StripeError as error:
            raise _named(error) from None


def _named(error: "stripe.StripeError") -> StripeUnavailable | StripeRefused:
    import stripe  # noqa: PLC0415 (see TYPE_CHECKING above)

    status = error.http_status or 0
    if isinstance(error, stripe.IdempotencyError) and status == 400:
        return StripeAnswerSpoiled(type(error).__name__)
    if status >= 500 and _is_replayed(error):
        return StripeAnswerSpoiled(f"{type(error).__name__} {status}")
    if status in (409, 429) or status >= 500 or not status:
        return StripeUnavailable(f"{type(error).__name__} {status}")
    return StripeRefused(error.code or type(error).__name__)


def _is_replayed(error: "stripe.StripeError") -> bool:
    """Whether the answer is one kept under the idempotency key; https://docs.stripe.com/api/idempotent_requests."""
    return (error.headers or {}).get("Idempotent-Replayed") == "true"
