"""What a Checkout page says is being bought."""

from typing import Any

from app.simulator.engine.account import account_name
from app.simulator.engine.world import World
from app.simulator.pages.render import money
from app.simulator.pages.words import WORDS

Json = dict[str, Any]


def summary_of(world: World, session: Json, lang: str) -> Json:
    """Title, amounts and lines of a session, in the words of the page."""
    words = WORDS[lang]
    business = account_name(world)
    lines = [_line(world, item, lang) for item in session["_line_items"]]
    trial_days = session["_subscription_data"].get("trial_period_days")
    currency = session.get("currency") or "usd"
    return {
        "business": business,
        "title": _title(session, lines, words, business),
        "amount": money(session.get("amount_total") or 0, currency, lang),
        "interval": lines[0]["interval"] if lines else "",
        "lines": lines,
        "today": money(0 if trial_days else session.get("amount_total") or 0, currency, lang),
        "trial": words["trial"].format(days=trial_days) if trial_days else "",
        "button": _button(session, words),
        "custom_text": ((session.get("custom_text") or {}).get("submit") or {}).get("message", ""),
        "recurring": session["mode"] == "subscription",
        "has_amount": bool(lines),
    }


def _line(world: World, item: Json, lang: str) -> Json:
    price = world.get("price", item["price"])
    product = world.get("product", price["product"])
    return {
        "name": product["name"],
        "description": product.get("description") or "",
        "quantity": item["quantity"],
        "amount": money(item["amount_total"], item["currency"], lang),
        "interval": interval_text(price.get("recurring"), lang),
    }


def interval_text(recurring: Json | None, lang: str) -> str:
    """How often a price is charged: `per month`; empty for once."""
    if not recurring:
        return ""
    words, count = WORDS[lang], recurring["interval_count"]
    if count == 1:
        return words[f"per_{recurring['interval']}"]
    return words[f"every_{recurring['interval']}"].format(count=count)


def _title(session: Json, lines: list[Json], words: dict[str, str], business: str) -> str:
    if session["mode"] == "setup":
        return f"{words['save_to']} {business}"
    name = lines[0]["name"] if len(lines) == 1 else business
    return f"{words['subscribe_to']} {name}" if session["mode"] == "subscription" else name


def _button(session: Json, words: dict[str, str]) -> str:
    if session["mode"] == "setup":
        return words["save"]
    if session["mode"] == "subscription":
        return words["subscribe"]
    asked = session.get("submit_type")
    return words[asked] if asked in {"donate", "book"} else words["pay"]
