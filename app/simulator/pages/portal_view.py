"""What the pages of the billing portal show, in the words of the page."""

from typing import Any

from app.simulator.engine.account import account_name
from app.simulator.engine.errors import invalid
from app.simulator.engine.store import Query
from app.simulator.engine.subscriptions import pending_lines, period_of
from app.simulator.engine.world import World
from app.simulator.pages.render import date, money
from app.simulator.pages.summary import interval_text
from app.simulator.pages.words import WORDS
from app.simulator.resources.billing_portal_actions import (
    charged_methods,
    configuration_of,
    subscription_of,
)
from app.simulator.resources.billing_portal_sessions import ENDED, allowed_prices, quantity_rule

Json = dict[str, Any]
SHOWN_INVOICES = 24
STATUS_WORDS = {
    "open": "invoice_open",
    "paid": "invoice_paid_word",
    "uncollectible": "invoice_uncollectible",
    "void": "invoice_void_word",
}


def change_of(world: World, session: Json, subscription_id: str, asked: dict[str, str]) -> Json:
    """Price and quantity that were asked for, those of today where nothing was."""
    [item] = subscription_of(world, session, subscription_id)["items"]["data"]
    quantity = asked.get("quantity") or str(item["quantity"])
    if not quantity.isdigit():
        raise invalid("The quantity must be a whole number.")
    return {"price": asked.get("price") or item["price"], "quantity": int(quantity)}


class PortalView:
    """Reads what a page needs, with the world's lock held."""

    def __init__(self, world: World, session: Json, lang: str) -> None:
        self.world = world
        self.session = session
        self.lang = lang
        self.words = WORDS[lang]
        self.features: Json = configuration_of(world, session)["features"]

    def frame(self) -> Json:
        """What stands on every page."""
        configuration = configuration_of(self.world, self.session)
        return {
            "business": account_name(self.world),
            "profile": configuration["business_profile"],
            "features": self.features,
            "return_url": self.session["return_url"],
        }

    def values_of(self, name: str, values: Json) -> Json:
        """What a page shows, its own values included."""
        try:
            return {**values, **self._read(name, values)}
        finally:
            self.world.leave_test_clock()

    def _read(self, name: str, values: Json) -> Json:
        if name == "home":
            return {
                "plans": self._plans(),
                "methods": self._methods(),
                "invoices": self._invoices(),
                "customer": self._customer(),
            }
        if name == "card":
            return {"has_open": any(one["status"] == "open" for one in self._some_invoices())}
        if name in {"cancel", "keep"}:
            return {"plan": self._plan(subscription_of(self.world, self.session, values["which"]))}
        if name in {"update", "confirm"}:
            return self._update(values["which"], values["asked"])
        return {"customer": self._customer()}

    def _customer(self) -> Json:
        unset = dict.fromkeys(("address", "email", "name", "phone"))
        return {**unset, **self.world.get("customer", self.session["customer"])}

    def _plans(self) -> list[Json]:
        found = self.world.store.linked("subscription", "customer", self.session["customer"])
        return [self._plan(one) for one in found if one["status"] not in ENDED]

    def _plan(self, subscription: Json) -> Json:
        until = period_of(subscription)[1]
        cancel_at = subscription.get("cancel_at") or (until if subscription["cancel_at_period_end"] else None)
        method = self.world.store.find(subscription.get("default_payment_method") or "")
        return {
            "id": subscription["id"],
            "items": [self._item(item) for item in subscription["items"]["data"]],
            "one_item": len(subscription["items"]["data"]) == 1,
            "status": subscription["status"],
            "paused": bool(subscription.get("pause_collection")),
            "ends": date(cancel_at, self.lang) if cancel_at else "",
            "until": date(until, self.lang),
            "next": money(self._next_amount(subscription), subscription["currency"], self.lang),
            "owed": self._owed(subscription),
            "method": self._method(method) if method else None,
        }

    def _item(self, item: Json) -> Json:
        price = self.world.get("price", item["price"])
        return {**self._price(price, item["quantity"]), "quantity": item["quantity"]}

    def _price(self, price: Json, quantity: int = 1) -> Json:
        return {
            "id": price["id"],
            "name": self.world.get("product", price["product"])["name"],
            "amount": money(price["unit_amount"] * quantity, price["currency"], self.lang),
            "interval": interval_text(price["recurring"], self.lang),
        }

    def _next_amount(self, subscription: Json) -> int:
        items = subscription["items"]["data"]
        prices = [self.world.get("price", item["price"]) for item in items]
        renewal = sum(
            price["unit_amount"] * item["quantity"] for price, item in zip(prices, items, strict=True)
        )
        waiting = sum(line["amount"] for line in pending_lines(self.world, subscription))
        return max(int(renewal + waiting), 0)

    def _owed(self, subscription: Json) -> Json | None:
        latest = self.world.store.find(subscription["latest_invoice"] or "")
        if latest is None or latest["status"] != "open":
            return None
        amount = money(latest["amount_remaining"], latest["currency"], self.lang)
        return {"amount": amount, "url": latest["hosted_invoice_url"]}

    def _methods(self) -> list[Json]:
        customer = self._customer()
        default = customer["invoice_settings"]["default_payment_method"]
        in_use = charged_methods(self.world, customer["id"])
        found = self.world.store.linked("payment_method", "customer", customer["id"])
        return [
            {**self._method(one), "is_default": one["id"] == default, "in_use": one["id"] in in_use}
            for one in found
        ]

    def _method(self, method: Json) -> Json:
        details = method[method["type"]]
        brand = str(details.get("brand") or self.words.get(method["type"], method["type"]))
        name = brand if " " in brand else brand.capitalize()
        expires = (
            self.words["expires"].format(month=details["exp_month"], year=details["exp_year"])
            if ("exp_month" in details)
            else ""
        )
        named = self.words["card_ending"].format(brand=name, last4=details["last4"])
        return {"id": method["id"], "name": named, "expires": expires}

    def _some_invoices(self) -> list[Json]:
        wanted = {"customer": self.session["customer"]}
        found, _ = self.world.store.page(Query(type="invoice", limit=SHOWN_INVOICES, where=wanted))
        return [one for one in found if one["status"] != "draft"]

    def _invoices(self) -> list[Json]:
        return [
            {
                "number": one["number"],
                "date": date(one["created"], self.lang),
                "amount": money(one["total"], one["currency"], self.lang),
                "status": one["status"],
                "word": self.words[STATUS_WORDS[one["status"]]],
                "url": one["hosted_invoice_url"],
            }
            for one in self._some_invoices()
        ]

    def _update(self, which: str, asked: dict[str, str]) -> Json:
        subscription = subscription_of(self.world, self.session, which)
        [item] = subscription["items"]["data"]
        configuration = configuration_of(self.world, self.session)
        change = change_of(self.world, self.session, which, asked)
        price = self.world.get("price", change["price"])
        before = self.world.get("price", item["price"])
        may_change = "price" in self.features["subscription_update"]["default_allowed_updates"]
        listed = [self.world.get("price", one) for one in allowed_prices(configuration)]
        offered = [
            one
            for one in listed
            if may_change and one["active"] and one["currency"] == subscription["currency"]
        ]
        return {
            "plan": self._plan(subscription),
            "change": change,
            "chosen": self._price(price, change["quantity"]),
            "offered": [self._price(one) for one in offered],
            "rule": quantity_rule(configuration, before["product"]),
            "when": self._when(subscription, before, price),
        }

    def _when(self, subscription: Json, before: Json, after: Json) -> str:
        feature = self.features["subscription_update"]
        if before["recurring"] != after["recurring"] or feature["billing_cycle_anchor"] == "now":
            return self.words["update_restart_text"]
        if feature["proration_behavior"] == "none":
            until = date(period_of(subscription)[1], self.lang)
            return self.words["update_later_text"].format(date=until)
        always = feature["proration_behavior"] == "always_invoice"
        return self.words["update_now_text" if always else "update_prorated_text"]
