"""Stripe's lists, page by page: the same pictures as single fetches give, a hundred at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from app.kernel.clock import from_timestamp
from app.stripe_gateway import money_reading, reading
from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.errors import UnsupportedShape
from app.stripe_gateway.expansions import (
    CHECKOUT,
    CUSTOMER,
    DISPUTE,
    INVOICE,
    PAYMENT,
    PAYOUT,
    REFUND,
    SUBSCRIPTION,
    of_a_list,
)
from app.stripe_gateway.plain import fetch_plain
from app.stripe_gateway.webhook import ReceivedEvent

A_PAGE: Final = 100


@dataclass(frozen=True, kw_only=True)
class Part:
    """Which part of a list is asked for: beyond an object, made since an instant, in a status."""

    after: str | None = None
    since: datetime | None = None
    status: str | None = None

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that every list of Stripe's takes."""
        params: dict[str, Any] = {"limit": A_PAGE}
        if self.after:
            params["starting_after"] = self.after
        if self.since:
            params["created"] = {"gte": int(self.since.timestamp())}
        if self.status:
            params["status"] = self.status
        return params


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One object of a page; no snapshot where its shape is not one we sell, or it could not be read."""

    id: str
    snapshot: Any
    unsupported: str | None = None
    """Why it has no snapshot: what we do not sell."""
    fault: str | None = None
    """Why it has none: the class of the error it was read with."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page, newest first, and the object to go on after; None at the end of the list."""

    listed: tuple[Listed, ...]
    go_on_after: str | None


@dataclass(frozen=True, kw_only=True)
class EventMark:
    """An event, and when it happened by Stripe's clock."""

    id: str
    occurred_at: datetime


class StripeLists:
    """One method for each list; each raises StripeUnavailable and StripeRefused."""

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls

    def customers(self, part: Part) -> Page:
        """List customers; deleted ones are in no list. https://docs.stripe.com/api/customers/list."""
        return self._page("/v1/customers", part, CUSTOMER, reading.read_customer)

    def subscriptions(self, part: Part) -> Page:
        """List subscriptions, those that ended among them."""
        every = Part(after=part.after, since=part.since, status=part.status or "all")
        return self._page("/v1/subscriptions", every, SUBSCRIPTION, reading.read_subscription)

    def invoices(self, part: Part) -> Page:
        """List invoices, with the payment intents that pay them."""
        return self._page("/v1/invoices", part, INVOICE, reading.read_invoice)

    def payments(self, part: Part) -> Page:
        """List payment intents with their charges; the invoice they pay is in none of Stripe's lists."""
        return self._page(
            "/v1/payment_intents",
            part,
            PAYMENT,
            lambda intent: reading.read_payment(intent, None),
        )

    def refunds(self, part: Part) -> Page:
        """List refunds."""
        return self._page("/v1/refunds", part, REFUND, reading.read_refund)

    def disputes(self, part: Part) -> Page:
        """List disputes, with their balance transactions."""
        return self._page("/v1/disputes", part, DISPUTE, money_reading.read_dispute)

    def payouts(self, part: Part) -> Page:
        """List payouts; what each is made of, a single fetch alone tells."""
        return self._page(
            "/v1/payouts",
            part,
            PAYOUT,
            lambda payout: money_reading.read_payout(payout, []),
        )

    def checkouts(self, part: Part) -> Page:
        """List Checkout sessions."""
        return self._page("/v1/checkout/sessions", part, CHECKOUT, reading.read_checkout)

    def newest_event(self) -> EventMark | None:
        """Return the newest event: how far Stripe's own clock has come."""
        found = fetch_plain(self._calls, "/v1/events", {"limit": 1}).data
        return EventMark(id=found[0].id, occurred_at=from_timestamp(found[0].created)) if found else None

    def events_after(self, event_id: str | None, *, beyond: str | None = None) -> list[ReceivedEvent]:
        """Return the page of events that follow one; from the newest backwards where there is none.

        Args: beyond: without an event to follow, go on to those older than this one.
        Returns: newest first. https://docs.stripe.com/api/events/list
        """
        params: dict[str, Any] = {"limit": A_PAGE}
        if event_id:
            params["ending_before"] = event_id
        elif beyond:
            params["starting_after"] = beyond
        answer = self._calls.call(lambda client: client.raw_request("get", "/v1/events", **params))
        return [_read_event(event) for event in cast("Any", answer.data)["data"]]

    def _page(
        self,
        path: str,
        part: Part,
        expansions: Iterable[str],
        read: Callable[[Any], Any],
    ) -> Page:
        asked = {**part.params, "expand": of_a_list(expansions)}
        found = fetch_plain(self._calls, path, asked)
        listed = tuple(_read(one, read) for one in found.data)
        return Page(listed=listed, go_on_after=listed[-1].id if listed and found.has_more else None)


def _read_event(event: dict[str, Any]) -> ReceivedEvent:
    return ReceivedEvent(
        id=event["id"],
        type=event["type"],
        livemode=event["livemode"],
        occurred_at=from_timestamp(event["created"]),
        object=event["data"]["object"],
    )


def _read(one: Any, read: Callable[[Any], Any]) -> Listed:
    try:
        return Listed(id=one.id, snapshot=read(one))
    except UnsupportedShape as shape:
        return Listed(id=one.id, snapshot=None, unsupported=str(shape))
    except Exception as fault:  # noqa: BLE001 (one poisoned object never stops its page)
        return Listed(id=one.id, snapshot=None, fault=type(fault).__name__)
