"""The hosted Checkout page, 3-D Secure, and the pages of invoices and receipts."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.simulator.engine.account import account_name
from app.simulator.engine.cards import card_by_number
from app.simulator.engine.errors import StripeError
from app.simulator.engine.methods import parse_expiry
from app.simulator.engine.world import World
from app.simulator.http.doors import Doors
from app.simulator.http.messages import Request, Response, redirect
from app.simulator.pages.render import page
from app.simulator.pages.summary import summary_of
from app.simulator.pages.words import WORDS, language, translated
from app.simulator.resources.checkout_payments import (
    Payer,
    awaits_authentication,
    finish_authentication,
    pay,
    pending_intent,
)

Json = dict[str, Any]
FIELDS = ("email", "number", "expiry", "cvc", "name")
ERROR_FIELDS = {
    "number": "number",
    "cvc": "cvc",
    "exp_month": "expiry",
    "exp_year": "expiry",
    "email": "email",
}
OFFERED = (
    "4242424242424242", "4000000000000002", "4000000000009995", "4000002760003184", "4000002500003155",
    "4000000000000341", "4000000000000069", "4000000000000127", "4000000000007726", "4000000000005126",
)  # fmt: skip


class HostedPages:
    """Answers `/c/pay/…`."""

    def __init__(self, world: World, doors: Doors) -> None:
        self.world = world
        self.doors = doors

    def __call__(self, request: Request) -> Response:
        """Show a session's page, take its form, or stand in for the bank."""
        parts = request.path.strip("/").split("/")
        with self.world.lock:
            session = self.world.store.find(parts[2]) if len(parts) > 2 else None
        words = WORDS[language((session or {}).get("locale"), request.headers.get("accept-language", ""))]
        lang = next(code for code, known in WORDS.items() if known is words)
        if session is None or session["object"] != "checkout.session":
            return notice(lang, "missing", status=404)
        if session["status"] != "open":
            kind = "complete" if session["status"] == "complete" else "expired"
            back = session["success_url"] if kind == "complete" else session["cancel_url"]
            return notice(lang, kind, back=leads_to(back, session))
        visit = _Visit(self, session, lang)
        if parts[3:] == ["authenticate"]:
            return visit.authenticate(_form(request) if request.method == "POST" else None)
        return visit.submit(_form(request)) if request.method == "POST" else visit.show({})


class _Visit:
    """One person on one session's page."""

    def __init__(self, pages: HostedPages, session: Json, lang: str) -> None:
        self.pages = pages
        self.session = session
        self.lang = lang
        self.words = WORDS[lang]

    def show(
        self, typed: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
    ) -> Response:
        known = (self.session.get("customer_details") or {}).get("email") or ""
        world = self.pages.world
        with world.lock:
            summary = summary_of(world, self.session, self.lang)
        return page(
            "checkout.html",
            status=status,
            form_targets=f"'self' {origin(self.session['success_url'])}",
            lang=self.lang,
            words=self.words,
            session=self.session,
            summary=summary,
            typed={**dict.fromkeys(FIELDS, ""), "email": known, **typed},
            email_known=bool(known),
            errors=errors or {},
            cards=[card_by_number(number) for number in OFFERED],
            cancel_url=leads_to(self.session.get("cancel_url"), self.session),
        )

    def submit(self, form: dict[str, str]) -> Response:
        typed = {name: form.get(name, "").strip() for name in FIELDS}
        if not typed["email"]:
            typed["email"] = (self.session.get("customer_details") or {}).get("email") or ""
        if form.get("fill"):
            card = card_by_number(form["fill"])
            filled = {"number": grouped(card.number), "expiry": "12 / 34", "cvc": "123"}
            return self.show({**typed, **filled})
        errors = self._incomplete(typed)
        if errors:
            return self.show(typed, errors, 400)
        return self._pay(typed)

    def authenticate(self, form: dict[str, str] | None) -> Response:
        world = self.pages.world
        with world.lock:
            intent = pending_intent(world, self.session)
        if intent is None or intent["status"] != "requires_action":
            return redirect(f"/c/pay/{self.session['id']}")
        if form is None:
            target = f"'self' {origin(self.session['success_url'])}"
            return secure_page(world, self.lang, intent, form_targets=target)
        passed = form.get("outcome") == "complete"
        try:
            shown = self.pages.doors.transact(
                lambda: finish_authentication(world, self.session["id"], passed=passed)
            )
        except StripeError as error:
            return self._refused({}, error)
        return redirect(leads_to(self.session["success_url"], shown) or "/")

    def _pay(self, typed: dict[str, str]) -> Response:
        world = self.pages.world
        try:
            payer = Payer(typed["number"], typed["email"], typed["name"], parse_expiry(typed["expiry"]))
            shown = self.pages.doors.transact(lambda: pay(world, self.session["id"], payer))
        except StripeError as error:
            return self._refused(typed, error)
        with world.lock:
            waits = awaits_authentication(world, world.get("checkout.session", self.session["id"]))
        if shown["status"] == "open" and waits:
            return redirect(f"/c/pay/{self.session['id']}/authenticate")
        return redirect(leads_to(self.session["success_url"], shown) or "/")

    def _refused(self, typed: dict[str, str], error: StripeError) -> Response:
        field = ERROR_FIELDS.get(str(error.error.get("param")), "card")
        return self.show(typed, {field: translated(error.error["message"], self.lang)}, error.status)

    def _incomplete(self, typed: dict[str, str]) -> dict[str, str]:
        digits = typed["number"].replace(" ", "")
        cvc = typed["cvc"]
        month, _, year = typed["expiry"].replace(" ", "").partition("/")
        wrong = {
            "email": "@" not in typed["email"].strip("@") and "email_wrong",
            "number": not (digits.isdigit() and 13 <= len(digits) <= 19) and "number_missing",
            "expiry": not (month.isdigit() and year.isdigit()) and "expiry_wrong",
            "cvc": not (cvc.isdigit() and len(cvc) in (3, 4)) and "cvc_wrong",
            "name": not typed["name"] and "required",
        }
        return {field: self.words[word] for field, word in wrong.items() if word}


def secure_page(world: World, lang: str, intent: Json, *, form_targets: str) -> Response:
    """The stand-in for the bank's page."""
    with world.lock:
        business = account_name(world)
    return page(
        "authenticate.html",
        lang=lang,
        words=WORDS[lang],
        intent=intent,
        business=business,
        form_targets=form_targets,
    )


def notice(lang: str, kind: str, *, status: int = 200, back: str | None = None) -> Response:
    """A page that only says something: `complete`, `expired` or `missing`."""
    words = WORDS[lang]
    title, text = words[f"{kind}_title"], words[f"{kind}_text"]
    return page("notice.html", status=status, lang=lang, words=words, title=title, text=text, back=back)


def leads_to(url: str | None, session: Json) -> str | None:
    """A return address with the session's id where it asks for it."""
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"]) if url else None


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def grouped(number: str) -> str:
    """A card number in groups of four."""
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _form(request: Request) -> dict[str, str]:
    fields = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}
