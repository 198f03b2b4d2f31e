"""The console: everything there is to look at; the clock, faults and banks to move."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

from app.simulator.delivery.worker import Deliveries
from app.simulator.engine.errors import StripeError
from app.simulator.engine.routes import Call
from app.simulator.engine.world import World
from app.simulator.http.api import Api
from app.simulator.http.doors import Doors, instant
from app.simulator.http.messages import Request, Response, redirect
from app.simulator.pages.console_views import ConsoleViews, about
from app.simulator.pages.forms import read_form
from app.simulator.pages.render import page
from app.simulator.resources import billing_portal_sessions, test_clocks
from app.simulator.resources.billing_portal_configurations import save_default
from app.simulator.resources.disputes import REASONS, open_dispute, settle_dispute

Json = dict[str, Any]
Form = dict[str, str]
STEPS = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 31 * 86400}
NUMBERS = ("nth", "count", "seconds", "percent", "seed")
WEBHOOK_NUMBERS = (
    "duplicate_percent", "drop_percent", "delay_percent", "delay_seconds", "hold_percent", "seed",
)  # fmt: skip


class Console:
    """Answers `/` and `/console/…`; every change is a form that comes back to its page."""

    def __init__(self, world: World, api: Api, doors: Doors, deliveries: Deliveries) -> None:
        self.world = world
        self.api = api
        self.doors = doors
        self.deliveries = deliveries
        views = ConsoleViews(world, api, deliveries)
        self._shows: dict[str, Callable[[Request, Form], Json | None]] = {
            "home": views.home,
            "objects": views.objects,
            "object": views.object,
            "events": views.events,
            "deliveries": views.deliveries_page,
            "requests": views.requests,
            "faults": views.faults,
            "clocks": views.clocks,
            "portal": views.portal,
        }

    def __call__(self, request: Request) -> Response:
        """Show a page, or take a form."""
        name = request.path.removeprefix("/console").strip("/").split("/")[0] or "home"
        if request.method == "POST":
            return self._take(name, request)
        query = {key: values[-1] for key, values in parse_qs(request.query).items()}
        if name == "find":
            return self._find(query.get("id", "").strip())
        show = self._shows.get(name)
        with self.world.lock:
            values = show(request, query) if show else None
        if values is None:
            return self._missing(404)
        said = query.get("said", "")
        frame = self._frame("objects" if name == "object" else name, said)
        return page(f"console/{name}.html", **frame, about=about, reasons=REASONS, **values)

    def _frame(self, active: str, said: str = "") -> Json:
        trouble = bool(self.api.faults.listed() or self.deliveries.orders.listed())
        return {
            "active": active,
            "now": self.world.clock.now(),
            "said": said,
            "steps": list(STEPS),
            "trouble": trouble,
        }

    def _missing(self, status: int) -> Response:
        return page("console/missing.html", status=status, **self._frame(""))

    def _find(self, object_id: str) -> Response:
        """An id somebody pasted: of an object, or of a request."""
        if object_id.startswith("req_"):
            return redirect(f"/console/requests?{urlencode({'id': object_id})}")
        with self.world.lock:
            found = self.world.store.find(object_id)
        return redirect(f"/console/object/{found['id']}") if found else self._missing(404)

    def _take(self, name: str, request: Request) -> Response:
        if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            return self._missing(403)
        form = {key: value for key, value in read_form(request).items() if value}
        takes: dict[str, Callable[[Form], tuple[str, str]]] = {
            "clock": self._move_clock,
            "test-clock": self._move_test_clock,
            "faults": self._order_fault,
            "webhooks": self._order_webhooks,
            "settings": self._settle,
            "resend": self._resend,
            "flush": self._flush,
            "clear": self._clear,
            "dispute": self._dispute,
            "verdict": self._verdict,
            "portal": self._save_portal,
            "open-portal": self._open_portal,
        }
        if name not in takes:
            return self._missing(404)
        try:
            target, said = takes[name](form)
        except (KeyError, ValueError, TypeError, StripeError) as error:
            target, said = form.get("back", "/console/faults"), str(error)
        if not said:
            return redirect(target)
        return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode({'said': said})}")

    def _move_clock(self, form: Form) -> tuple[str, str]:
        with self.world.lock:
            start = self.world.clock.now()
            target = instant(form["to"]) if form.get("to") else start + STEPS[form.get("step", "day")]
            if target < start:
                raise ValueError("The clock only moves forward.")
            done = self.world.advance_to(target)
        self.deliveries.wake()
        return form.get("back", "/"), f"The clock moved; {done} things became due on the way."

    def _move_test_clock(self, form: Form) -> tuple[str, str]:
        clock_id = form["clock"]

        def advance() -> Json:
            clock = self.world.get("test_helpers.test_clock", clock_id)
            target = instant(form["to"]) if form.get("to") else clock["frozen_time"] + STEPS[form["step"]]
            params = {"frozen_time": target}
            return test_clocks.advance(Call(self.world, params, {"test_clock": clock_id}))

        self.doors.transact(advance)
        return "/console/clocks", "The test clock is on its way."

    def _order_fault(self, form: Form) -> tuple[str, str]:
        order: Json = {name: int(form[name]) for name in NUMBERS if name in form}
        order |= {name: form[name].strip() for name in ("kind", "method", "route") if name in form}
        if "script" in form:
            order["script"] = form["script"].replace(",", " ").split()
        self.api.faults.order(order)
        return "/console/faults", "The fault is ordered."

    def _order_webhooks(self, form: Form) -> tuple[str, str]:
        order: Json = {name: int(form[name]) for name in WEBHOOK_NUMBERS if name in form}
        order |= {name: True for name in ("reorder", "hold") if name in form}
        order |= {name: form[name].strip() for name in ("types", "endpoint") if name in form}
        if "script" in form:
            order["script"] = form["script"].replace(",", " ").split()
        self.doors.post_faults(["webhooks"], order)
        return "/console/faults", "The order for webhooks is in force."

    def _settle(self, form: Form) -> tuple[str, str]:
        names = ("payout_failure", "after_last_retry")
        self.doors.post_settings([], {name: form.get(name) for name in names})
        return "/console/faults", "The account is set."

    def _resend(self, form: Form) -> tuple[str, str]:
        sent = self.deliveries.queue.resend(form["event"])
        self.deliveries.wake()
        return form.get("back", "/console/deliveries"), f"Sent again to {sent} endpoints."

    def _flush(self, _form: Form) -> tuple[str, str]:
        self.deliveries.queue.hurry()
        self.deliveries.wake()
        return "/console/deliveries", "Everything waiting goes out now."

    def _clear(self, _form: Form) -> tuple[str, str]:
        self.doors.delete_faults([], {})
        return "/console/faults", "Every order is taken back."

    def _dispute(self, form: Form) -> tuple[str, str]:
        amount = int(form["amount"]) if "amount" in form else None
        reason, inquiry = form["reason"], "inquiry" in form
        made = self.doors.transact(
            lambda: open_dispute(self.world, form["charge"], reason, amount, inquiry=inquiry)
        )
        return f"/console/object/{made['id']}", "The bank disputes the charge."

    def _verdict(self, form: Form) -> tuple[str, str]:
        won = form["verdict"] == "won"
        self.doors.transact(lambda: settle_dispute(self.world, form["dispute"], won=won))
        return f"/console/object/{form['dispute']}", "The bank has decided."

    def _save_portal(self, _form: Form) -> tuple[str, str]:
        self.doors.transact(lambda: save_default(self.world))
        return "/console/portal", "The portal's settings are saved."

    def _open_portal(self, form: Form) -> tuple[str, str]:
        back = f"{self.world.base_url}/console/object/{form['customer']}"

        def create() -> Json:
            default = save_default(self.world)
            params = {"customer": form["customer"], "configuration": default["id"], "return_url": back}
            return billing_portal_sessions.create(Call(self.world, params))

        session = self.doors.transact(create)
        return session["url"], ""
