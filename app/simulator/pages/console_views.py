"""What the console's pages show."""

import json
import re
from functools import cache
from importlib import import_module
from typing import Any

from app.simulator.delivery.worker import Deliveries
from app.simulator.engine.clock import Clock
from app.simulator.engine.ids import PREFIXES
from app.simulator.engine.world import World
from app.simulator.http.api import Api
from app.simulator.http.faults import KINDS as FAULT_KINDS
from app.simulator.http.messages import Request
from app.simulator.pages import archive
from app.simulator.pages.archive import Search
from app.simulator.resources.billing_portal_configurations import find_default

Json = dict[str, Any]
LATEST = 12
REQUESTS_LOOKED_THROUGH = 1000
NO_OBJECTS = {"request", "secret", "item", "line_item", "subscription_item", "credit_note_line_item"}
"""What has an id and no page of its own."""


class ConsoleViews:
    """Reads what a page needs; each takes the account's lock and answers a template and its values."""

    def __init__(self, world: World, api: Api, deliveries: Deliveries) -> None:
        self.world = world
        self.api = api
        self.deliveries = deliveries

    def home(self, _request: Request, _query: dict[str, str]) -> Json:
        """What happened last."""
        events = archive.find(self.world, Search("event")).rows[:LATEST]
        return {
            "events": events,
            "requests": self._newest_requests(LATEST),
            "kinds": archive.counts(self.world),
            "deliveries": archive.delivery_counts(self.world),
            "base_url": self.world.base_url,
        }

    def objects(self, _request: Request, query: dict[str, str]) -> Json:
        """Objects of a kind."""
        counted = archive.counts(self.world)
        filled = [kind for kind, count in counted if count != "0"]
        wanted = query.get("type", "")
        kind = wanted if wanted in archive.KINDS else next(iter(filled), "customer")
        found = archive.find(self.world, _search(kind, query))
        rows = [self.world.present(one) for one in found.rows]
        return {"kind": kind, "kinds": counted, "rows": rows, "older": found.before, "query": query}

    def object(self, request: Request, _query: dict[str, str]) -> Json | None:
        """One object, whole, with what concerns it; None when there is none."""
        object_id = request.path.rsplit("/", 1)[1]
        found = self.world.store.find(object_id)
        if found is None:
            return None
        shown = self.api.expander.show(self.world.present(found), [])
        is_event = found["object"] == "event"
        return {
            "shown": shown,
            "token": found.get("_token"),
            "is_paid_charge": found["object"] == "charge" and found["paid"],
            "json": linked(shown),
            "events": [] if is_event else archive.events_about(self.world, object_id),
            "naming": archive.naming(self.world, object_id),
            "requests": self._requests_about((shown["request"] or {}).get("id") if is_event else object_id),
        }

    def events(self, _request: Request, query: dict[str, str]) -> Json:
        """Events, by type and text."""
        found = archive.find(self.world, _search("event", query))
        return {"rows": found.rows, "older": found.before, "query": query}

    def deliveries_page(self, _request: Request, query: dict[str, str]) -> Json:
        """Deliveries to webhook endpoints."""
        rows, older = archive.deliveries(
            self.world,
            status=query.get("status", ""),
            type_=query.get("type", "").strip(),
            before=_number(query.get("before")),
        )
        endpoints = {one["id"]: one["url"] for one in self.world.store.all_of("webhook_endpoint")}
        counts = archive.delivery_counts(self.world)
        return {"rows": rows, "older": older, "query": query, "counts": counts, "endpoints": endpoints}

    def requests(self, _request: Request, query: dict[str, str]) -> Json:
        """Recorded requests, newest first, or one of them."""
        part, status, text = (query.get(name, "").strip() for name in ("path", "status", "q"))
        skipped = _number(query.get("skip"))
        fitting = [
            one
            for one in self._newest_requests()
            if part in one["path"]
            and str(one["status"]).startswith(status)
            and (not text or text in one["response"] or text in json.dumps(one.get("params")))
        ]
        opened = next((one for one in self._newest_requests() if one["id"] == query.get("id")), None)
        end = skipped + archive.PER_PAGE
        return {
            "rows": fitting[skipped:end],
            "older": end if len(fitting) > end else 0,
            "query": query,
            "opened": opened,
            "params": linked((opened or {}).get("params") or {}),
            "answer": linked(_read_json((opened or {}).get("response", ""))),
        }

    def faults(self, _request: Request, _query: dict[str, str]) -> Json:
        """Orders for trouble."""
        return {
            "faults": self.api.faults.listed(),
            "orders": self.deliveries.orders.listed(),
            "fault_kinds": FAULT_KINDS,
            "endpoints": self.world.store.all_of("webhook_endpoint"),
            "settings": {
                name: self.world.store.read_meta(name) or ""
                for name in ("payout_failure", "after_last_retry")
            },
        }

    def clocks(self, _request: Request, _query: dict[str, str]) -> Json:
        """The account's clock and the test clocks."""
        found = archive.find(self.world, Search("test_helpers.test_clock")).rows
        real = Clock().now()
        return {"clocks": found, "ahead_days": round((self.world.clock.now() - real) / 86400, 1)}

    def portal(self, _request: Request, _query: dict[str, str]) -> Json:
        """The billing portal's default settings."""
        default = find_default(self.world)
        return {"default": default, "json": linked(default or {})}

    def _newest_requests(self, limit: int | None = None) -> list[Json]:
        recorded = list(self.api.recorded)[::-1]
        return recorded[:limit] if limit else recorded

    def _requests_about(self, wanted: str | None) -> list[Json]:
        if not wanted:
            return []
        some = self._newest_requests(REQUESTS_LOOKED_THROUGH)
        about = [
            one
            for one in some
            if wanted == one["id"] or wanted in one["path"] or f'"{wanted}"' in one["response"]
        ]
        return about[:LATEST]


def about(obj: Json) -> str:
    """A line that tells objects of a kind apart."""
    amount = obj.get("amount", obj.get("amount_total", obj.get("total", obj.get("unit_amount"))))
    money = f"{amount} {obj.get('currency')}" if amount is not None else ""
    words = [obj.get("status"), money, obj.get("name"), obj.get("email"), obj.get("number"), obj.get("url")]
    return " · ".join(str(word) for word in words if word)


def linked(value: object) -> Any:
    """JSON to look at, its ids leading to their objects."""
    escape = import_module("markupsafe")
    text = str(escape.escape(json.dumps(value, indent=2, ensure_ascii=False)))
    return escape.Markup(_ids().sub(r'<a href="/console/object/\1">\1</a>', text))


@cache
def _ids() -> re.Pattern[str]:
    prefixes = [prefix for kind, (prefix, _) in PREFIXES.items() if kind not in NO_OBJECTS]
    return re.compile(rf"(?<=&#34;)((?:{'|'.join(map(re.escape, prefixes))})[A-Za-z0-9_]+)(?=&#34;)")


def _search(kind: str, query: dict[str, str]) -> Search:
    given = {name: query.get(name, "").strip() for name in ("status", "customer", "q")}
    return Search(
        kind,
        type=query.get("type", "").strip() if kind == "event" else "",
        status=given["status"],
        customer=given["customer"],
        text=given["q"],
        before=_number(query.get("before")),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
