"""Doors for tests and demos under `/_sim/`: what no real Stripe has."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from app.simulator.contract.coverage import coverage_report
from app.simulator.delivery.worker import Deliveries
from app.simulator.engine.errors import StripeError
from app.simulator.engine.world import Cause, World
from app.simulator.http.api import Api
from app.simulator.http.keys import check_setting
from app.simulator.http.messages import Request, Response, json_response
from app.simulator.resources import webhook_endpoints
from app.simulator.resources.billing_portal_configurations import save_default
from app.simulator.resources.checkout_payments import (
    Payer,
    awaits_authentication,
    finish_authentication,
    pay,
)
from app.simulator.resources.disputes import open_dispute, settle_dispute
from app.simulator.resources.table import ROUTES

Json = dict[str, Any]
SETTINGS = (
    "settlement_currency", "balance_delay_seconds", "after_last_retry", "account_name",
    "payout_schedule", "payout_failure", "wait_for_invoice_created", "invoice_upcoming_days",
    "api_keys", "rate_limit_per_second",
)  # fmt: skip


class Doors:
    """Answers `/_sim/…` in JSON."""

    def __init__(self, world: World, api: Api, deliveries: Deliveries) -> None:
        self.world = world
        self.api = api
        self.deliveries = deliveries

    def __call__(self, request: Request) -> Response:
        """Answer one door; a 400 says what is wrong with what was asked."""
        parts = request.path.removeprefix("/_sim/").split("/")
        door = getattr(self, f"{request.method.lower()}_{parts[0]}", None)
        if door is None:
            return json_response(404, {"error": {"message": f"There is no door {request.path}."}})
        try:
            body = json.loads(request.body or b"{}") if request.method == "POST" else _query(request)
            answer: Json = door(parts[1:], body)
        except StripeError as error:
            return json_response(error.status, {"error": error.error})
        except (ValueError, TypeError, KeyError) as error:
            return json_response(400, {"error": {"message": str(error)}})
        return json_response(200, answer)

    def get_clock(self, _parts: list[str], _body: Json) -> Json:
        """The account's clock."""
        now = self.world.clock.now()
        return {"now": now, "iso": datetime.fromtimestamp(now, UTC).isoformat()}

    def post_clock(self, _parts: list[str], body: Json) -> Json:
        """Move the clock: `seconds` forward, or `to` an instant or ISO date."""
        with self.world.lock:
            target = instant(body["to"]) if "to" in body else self.world.clock.now() + int(body["seconds"])
            if target < self.world.clock.now():
                raise ValueError("the clock only moves forward")
            done = self.world.advance_to(target)
        self.deliveries.wake()
        return {**self.get_clock([], {}), "done": done}

    def post_checkout(self, parts: list[str], body: Json) -> Json:
        """`checkout/<session>/pay`: do what the hosted page does."""
        if len(parts) != 2 or parts[1] != "pay":
            raise ValueError("the door is /_sim/checkout/<session>/pay")
        session_id = parts[0]
        known = {"card", "payment_method", "iban", "email", "name", "expiry", "complete_3ds"}
        if body.keys() - known:
            raise ValueError(f"unknown fields: {', '.join(sorted(body.keys() - known))}")
        payer = Payer(
            card=str(body.get("card") or body.get("payment_method") or "4242424242424242"),
            email=body.get("email"),
            name=body.get("name"),
            expiry=tuple(body["expiry"]) if "expiry" in body else None,
            iban=body.get("iban"),
        )
        return self.transact(lambda: self._pay(session_id, payer, body.get("complete_3ds")))

    def transact(self, work: Callable[[], Json]) -> Json:
        """Do something the way a person does it on a page; a refused card stays on record."""
        refused: StripeError | None = None
        shown: Json = {}
        with self.world.lock:
            self.world.run_due()
            with self.world.transaction(Cause()):
                try:
                    shown = self.api.expander.show(self.world.present(work()), [])
                except StripeError as error:
                    if not error.commits:
                        raise
                    refused = error
        self.deliveries.wake()
        if refused:
            raise refused
        return shown

    def _pay(self, session_id: str, payer: Payer, complete_3ds: bool | None) -> Json:
        session = pay(self.world, session_id, payer)
        if complete_3ds is not None and awaits_authentication(self.world, session):
            session = finish_authentication(self.world, session_id, passed=complete_3ds)
        return session

    def post_disputes(self, parts: list[str], body: Json) -> Json:
        """`disputes`: have the bank dispute a `charge` for a `reason`, of an `amount`, as an `inquiry` only.

        `disputes/<id>`: have it decide, `won` or not.
        """
        if parts and parts != [""]:
            return self.transact(lambda: settle_dispute(self.world, parts[0], won=bool(body["won"])))
        amount = None if body.get("amount") is None else int(body["amount"])
        charge, reason, inquiry = (
            body["charge"],
            str(body.get("reason", "fraudulent")),
            bool(body.get("inquiry")),
        )
        return self.transact(lambda: open_dispute(self.world, charge, reason, amount, inquiry=inquiry))

    def post_reset(self, _parts: list[str], body: Json) -> Json:
        """Forget everything; `now` sets the clock, else it is real time again."""
        with self.world.lock:
            with self.world.transaction():
                self.world.store.clear()
            self.world.forget_due()
            self.world.clock.offset_seconds = 0.0
            if body.get("now"):
                self.world.clock.set_to(instant(body["now"]))
            with self.world.transaction():
                self.world.store.write_meta("clock_offset", self.world.clock.offset_seconds)
        self.api.recorded.clear()
        with self.world.lock:
            self.api.heed_settings()
        self.api.faults.clear()
        self.deliveries.orders.clear()
        return {"reset": True}

    def get_objects(self, _parts: list[str], query: Json) -> Json:
        """Every object of one `type`, as the API shows it."""
        with self.world.lock:
            found = self.world.store.all_of(query["type"])
            shown = [self.api.expander.show(self.world.present(one), []) for one in found]
        return {"data": shown}

    def get_deliveries(self, _parts: list[str], query: Json) -> Json:
        """The newest deliveries, and how many are in each status."""
        queue = self.deliveries.queue
        return {"data": queue.listed(int(query.get("limit", 200))), "counts": queue.counts()}

    def post_deliveries(self, parts: list[str], body: Json) -> Json:
        """`deliveries/flush`: send what waits, now. `deliveries/resend`: `event`, again.

        `deliveries/release`: let go what was held.
        """
        if parts == ["flush"]:
            through = self.deliveries.flush(int(body.get("timeout_seconds", 30)))
            return {"delivered": through, "counts": self.deliveries.queue.counts()}
        if parts == ["resend"]:
            sent = self.deliveries.queue.resend(body["event"])
            self.deliveries.wake()
            return {"endpoints": sent}
        if parts == ["release"]:
            released = self.deliveries.release()
            return {"released": released}
        raise ValueError("the doors are deliveries/flush, /resend and /release")

    def get_requests(self, _parts: list[str], query: Json) -> Json:
        """Recorded exchanges, oldest first, and how many there were; the oldest are dropped past a limit.

        `since` leaves out the first so many.
        """
        recorded = list(self.api.recorded)
        return {"data": recorded[int(query.get("since", 0)) :], "total": self.api.recorded.total}

    def get_faults(self, _parts: list[str], _body: Json) -> Json:
        """The faults in force."""
        return {"api": self.api.faults.listed(), "webhooks": self.deliveries.orders.listed()}

    def post_faults(self, parts: list[str], body: Json) -> Json:
        """Order a fault of the API; `faults/webhooks` for deliveries."""
        if parts == ["webhooks"]:
            self.deliveries.orders.set(body)
            if not body.get("hold") and not body.get("hold_percent"):
                self.deliveries.release()
            return self.get_faults([], {})
        self.api.faults.order(body)
        return self.get_faults([], {})

    def delete_faults(self, _parts: list[str], _body: Json) -> Json:
        """Take back every order."""
        self.api.faults.clear()
        self.deliveries.orders.clear()
        self.deliveries.release()
        return self.get_faults([], {})

    def get_settings(self, _parts: list[str], _body: Json) -> Json:
        """How the account is set up."""
        with self.world.lock:
            return {name: self.world.store.read_meta(name) for name in SETTINGS}

    def post_settings(self, _parts: list[str], body: Json) -> Json:
        """Set up the account.

        `settlement_currency`; `balance_delay_seconds` between a charge and its balance transaction;
        `after_last_retry` (`cancel`, `unpaid`, `past_due`); `account_name` on the pages; `api_keys`, each
        `full`, `expired`, `invalid` or a list of permissions; `rate_limit_per_second`.
        """
        if body.keys() - set(SETTINGS):
            raise ValueError(f"settings are {', '.join(SETTINGS)}")
        check_setting(body.get("api_keys"))
        with self.world.lock, self.world.transaction():
            for name, value in body.items():
                self.world.store.write_meta(name, value)
            self.api.heed_settings()
        return self.get_settings([], {})

    def post_endpoints(self, parts: list[str], body: Json) -> Json:
        """`endpoints/<id>`: give a webhook endpoint the `secret` of your choice, or one of ours.

        With `overlap_seconds` the old secret signs beside the new one until then.
        """
        with self.world.lock, self.world.transaction():
            endpoint = webhook_endpoints.replace_secret(
                self.world, parts[0], body.get("secret"), overlap_seconds=int(body.get("overlap_seconds", 0))
            )
        return {"id": parts[0], "secret": endpoint["_secret"]}

    def post_portal(self, _parts: list[str], _body: Json) -> Json:
        """Save the billing portal's settings as the Dashboard does: the default configuration, once."""
        return self.transact(lambda: save_default(self.world))

    def get_coverage(self, _parts: list[str], _body: Json) -> Json:
        """Which of the package's routes are covered."""
        report = coverage_report((route.method, route.path) for route in ROUTES if route.published)
        return {"covered": report.covered, "uncovered": report.uncovered, "unknown": report.unknown}


def instant(value: Any) -> int:
    """A Unix timestamp, or an ISO date and time taken as UTC where it names no zone."""
    text = str(value)
    if text.isdigit():
        return int(text)
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _query(request: Request) -> Json:
    return {name: values[-1] for name, values in parse_qs(request.query).items()}
