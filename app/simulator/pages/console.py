"""The console: objects, events, deliveries and requests to look at; the clock and faults to move."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode

from app.simulator.delivery.worker import Deliveries
from app.simulator.engine.errors import StripeError
from app.simulator.engine.links import LINKED_FIELDS
from app.simulator.engine.store import Query
from app.simulator.engine.world import World
from app.simulator.http.api import Api
from app.simulator.http.doors import Doors, instant
from app.simulator.http.faults import KINDS
from app.simulator.http.messages import Request, Response, redirect
from app.simulator.pages.render import page

Json = dict[str, Any]
PER_PAGE = 50
STEPS = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 31 * 86400}
TYPES = sorted({*LINKED_FIELDS, "test_helpers.test_clock"})


class Console:
    """Answers `/` and `/console/…`; every change is a form that comes back to its page."""

    def __init__(self, world: World, api: Api, doors: Doors, deliveries: Deliveries) -> None:
        self.world = world
        self.api = api
        self.doors = doors
        self.deliveries = deliveries

    def __call__(self, request: Request) -> Response:
        """Show a page, or take a form."""
        name = request.path.removeprefix("/console").strip("/").split("/")[0] or "objects"
        if request.method == "POST":
            return self._take(name, request)
        shows = {
            "objects": self._objects,
            "object": self._object,
            "events": self._events,
            "deliveries": self._deliveries,
            "requests": self._requests,
            "faults": self._faults,
        }
        if name not in shows:
            return page("console/missing.html", status=404, **self._frame(""))
        return shows[name](request, _query(request))

    def _frame(self, active: str, said: str = "") -> Json:
        return {"active": active, "now": self.world.clock.now(), "said": said, "steps": list(STEPS)}

    def _objects(self, _request: Request, query: dict[str, str]) -> Response:
        kind = query.get("type", "")
        with self.world.lock:
            counts = dict(
                self.world.store.db.execute("SELECT type, COUNT(*) FROM objects GROUP BY type").fetchall()
            )
            shown = kind if kind in TYPES else next((one for one in TYPES if counts.get(one)), "customer")
            found, more = self.world.store.page(
                Query(type=shown, limit=PER_PAGE, after=query.get("after") or None)
            )
            rows = [self.world.present(one) for one in found]
        frame = self._frame("objects", query.get("said", ""))
        links = [(one, counts.get(one, 0)) for one in TYPES if one != "event"]
        return page(
            "console/objects.html", **frame, kind=shown, links=links, rows=rows, more=more, about=_about
        )

    def _object(self, request: Request, _query: dict[str, str]) -> Response:
        object_id = request.path.rsplit("/", 1)[1]
        with self.world.lock:
            found = self.world.store.find(object_id)
            if found is None:
                return page("console/missing.html", status=404, **self._frame(""))
            shown = self.api.expander.show(self.world.present(found), [])
            related = [] if found["object"] == "event" else self._events_about(object_id)
        text = json.dumps(shown, indent=2, ensure_ascii=False)
        return page(
            "console/object.html",
            **self._frame("events" if found["object"] == "event" else "objects"),
            shown=shown,
            text=text,
            related=related,
        )

    def _events_about(self, object_id: str) -> list[Json]:
        rows = self.world.store.db.execute(
            "SELECT body FROM objects WHERE type = 'event' "
            "AND json_extract(body, '$.data.object.id') = ? ORDER BY seq DESC LIMIT 30",
            (object_id,),
        )
        return [json.loads(row[0]) for row in rows]

    def _events(self, _request: Request, query: dict[str, str]) -> Response:
        pattern = query.get("type", "").strip()
        like = {"type": pattern.replace("[", "[[]")} if pattern else {}
        with self.world.lock:
            after = query.get("after") or None
            rows, more = self.world.store.page(Query(type="event", limit=PER_PAGE, like=like, after=after))
        frame = self._frame("events", query.get("said", ""))
        return page("console/events.html", **frame, rows=rows, more=more, pattern=pattern)

    def _deliveries(self, _request: Request, query: dict[str, str]) -> Response:
        status = query.get("status", "")
        rows = [row for row in self.deliveries.queue.listed() if not status or row["status"] == status]
        with self.world.lock:
            endpoints = {one["id"]: one["url"] for one in self.world.store.all_of("webhook_endpoint")}
        frame = self._frame("deliveries", query.get("said", ""))
        counts = self.deliveries.queue.counts()
        return page(
            "console/deliveries.html", **frame, rows=rows, counts=counts, endpoints=endpoints, chosen=status
        )

    def _requests(self, _request: Request, query: dict[str, str]) -> Response:
        wanted = query.get("id", "")
        recorded = list(self.api.recorded)
        opened = next((one for one in recorded if one["id"] == wanted), None)
        part = query.get("path", "")
        rows = [one for one in recorded[::-1] if part in one["path"]][:PER_PAGE]
        params = json.dumps((opened or {}).get("params", {}), indent=2, ensure_ascii=False)
        return page(
            "console/requests.html",
            **self._frame("requests"),
            rows=rows,
            opened=opened,
            params=params,
            part=part,
        )

    def _faults(self, _request: Request, query: dict[str, str]) -> Response:
        orders = self.deliveries.orders.listed()
        frame = self._frame("faults", query.get("said", ""))
        return page(
            "console/faults.html", **frame, faults=self.api.faults.listed(), kinds=KINDS, orders=orders
        )

    def _take(self, name: str, request: Request) -> Response:
        if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            return page("console/missing.html", status=403, **self._frame(""))
        fields = parse_qs(request.body.decode("utf-8", "replace"))
        form = {key: values[-1] for key, values in fields.items()}
        takes = {
            "clock": self._move_clock,
            "faults": self._order_fault,
            "webhooks": self._order_webhooks,
            "resend": self._resend,
            "flush": self._flush,
            "clear": self._clear,
        }
        if name not in takes:
            return page("console/missing.html", status=404, **self._frame(""))
        try:
            target, said = takes[name](form)
        except (ValueError, TypeError, StripeError) as error:
            target, said = form.get("back", "/console/faults"), str(error)
        return redirect(f"{target}?{urlencode({'said': said})}")

    def _move_clock(self, form: dict[str, str]) -> tuple[str, str]:
        with self.world.lock:
            start = self.world.clock.now()
            target = instant(form["to"]) if form.get("to") else start + STEPS[form.get("step", "day")]
            if target < start:
                raise ValueError("The clock only moves forward.")
            done = self.world.advance_to(target)
        self.deliveries.wake()
        return "/console/events", f"The clock moved; {done} things became due on the way."

    def _order_fault(self, form: dict[str, str]) -> tuple[str, str]:
        numbers = {name: int(form[name]) for name in ("nth", "count", "seconds") if form.get(name)}
        words = {name: form[name].strip() for name in ("kind", "method", "route") if form.get(name)}
        self.api.faults.order({**words, **numbers})
        return "/console/faults", "The fault is ordered."

    def _order_webhooks(self, form: dict[str, str]) -> tuple[str, str]:
        percents = ("duplicate_percent", "drop_percent", "delay_percent", "delay_seconds")
        order: Json = {name: int(form[name]) for name in percents if form.get(name)}
        order |= {name: True for name in ("reorder", "hold") if form.get(name)}
        if form.get("types"):
            order["types"] = form["types"].strip()
        self.deliveries.orders.set(order)
        if "hold" not in order:
            self.deliveries.release()
        return "/console/faults", "The order for webhooks is in force."

    def _resend(self, form: dict[str, str]) -> tuple[str, str]:
        sent = self.deliveries.queue.resend(form["event"])
        self.deliveries.wake()
        return "/console/deliveries", f"Sent again to {sent} endpoints."

    def _flush(self, _form: dict[str, str]) -> tuple[str, str]:
        self.deliveries.queue.hurry()
        self.deliveries.wake()
        return "/console/deliveries", "Everything waiting goes out now."

    def _clear(self, _form: dict[str, str]) -> tuple[str, str]:
        self.doors.delete_faults([], {})
        return "/console/faults", "Every order is taken back."


def _about(obj: Json) -> str:
    """A line that tells objects of a kind apart."""
    amount = obj.get("amount", obj.get("amount_total", obj.get("total", obj.get("unit_amount"))))
    money = f"{amount} {obj.get('currency')}" if amount is not None else ""
    words = [obj.get("status"), money, obj.get("name"), obj.get("email"), obj.get("number"), obj.get("url")]
    return " · ".join(str(word) for word in words if word)


def _query(request: Request) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(request.query).items()}
