"""The hosted Checkout page, and 3-D Secure on the way through it."""

from typing import Any
from urllib.parse import urlsplit

from app.simulator.engine.account import account_name
from app.simulator.engine.errors import StripeError
from app.simulator.engine.methods import parse_expiry
from app.simulator.engine.world import World
from app.simulator.http.doors import Doors
from app.simulator.http.messages import Request, Response, redirect
from app.simulator.pages.forms import (
    NEEDED,
    WALLET,
    missing,
    offered_accounts,
    offered_cards,
    read_form,
    refused_field,
    typed_of,
    with_card,
    with_iban,
)
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
        lang = language([(session or {}).get("locale") or ""], request.headers.get("accept-language", ""))
        if session is None or session["object"] != "checkout.session":
            return notice(lang, "missing", status=404)
        if session["status"] != "open":
            back = session["success_url"] if session["status"] == "complete" else session["cancel_url"]
            return notice(lang, _state_of(session), back=leads_to(back, session))
        visit = _Visit(self, session, lang)
        if parts[3:] == ["authenticate"]:
            return visit.authenticate(read_form(request) if request.method == "POST" else None)
        return visit.submit(read_form(request)) if request.method == "POST" else visit.show({})


class _Visit:
    """One person on one session's page."""

    def __init__(self, pages: HostedPages, session: Json, lang: str) -> None:
        self.pages = pages
        self.session = session
        self.lang = lang
        self.words = WORDS[lang]
        self.methods = [one for one in session["payment_method_types"] if one in NEEDED] or ["card"]

    def show(
        self, typed: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
    ) -> Response:
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
            methods=self.methods,
            typed=self._with_known(typed_of(typed)),
            email_known=bool(self._known_email()),
            errors=errors or {},
            cards=offered_cards(),
            accounts=offered_accounts(),
            cancel_url=leads_to(self.session.get("cancel_url"), self.session),
        )

    def submit(self, form: dict[str, str]) -> Response:
        typed = self._with_known(typed_of({**form, **WALLET} if form.get("wallet") else form))
        if form.get("fill"):
            return self.show(with_card(typed, form["fill"]))
        if form.get("fill_iban"):
            return self.show(with_iban(typed, form["fill_iban"]))
        problems = missing(typed, NEEDED[typed["method"]])
        if problems:
            return self.show(typed, {one.field: self.words[one.word] for one in problems}, 400)
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
            payer = _payer(typed)
            shown = self.pages.doors.transact(lambda: pay(world, self.session["id"], payer))
        except StripeError as error:
            return self._refused(typed, error)
        with world.lock:
            waits = awaits_authentication(world, world.get("checkout.session", self.session["id"]))
        if shown["status"] == "open" and waits:
            return redirect(f"/c/pay/{self.session['id']}/authenticate")
        return redirect(leads_to(self.session["success_url"], shown) or "/")

    def _refused(self, typed: dict[str, str], error: StripeError) -> Response:
        field = refused_field(error, typed.get("method", "card"))
        return self.show(typed, {field: translated(error.error["message"], self.lang)}, error.status)

    def _with_known(self, typed: dict[str, str]) -> dict[str, str]:
        known = self._known_email()
        method = typed["method"] if typed["method"] in self.methods else self.methods[0]
        # The address a session was made for wins, whatever a form says.
        return {**typed, "method": method, "email": known or typed["email"]}

    def _known_email(self) -> str:
        return (self.session.get("customer_details") or {}).get("email") or ""


def _state_of(session: Json) -> str:
    """What there is to say about a session nobody can pay any more."""
    if session["status"] == "expired":
        return "expired"
    return "processing" if session["payment_status"] == "unpaid" else "complete"


def _payer(typed: dict[str, str]) -> Payer:
    if typed["method"] == "sepa_debit":
        return Payer(iban=typed["iban"], email=typed["email"], name=typed["holder"])
    return Payer(typed["number"], typed["email"], typed["name"], parse_expiry(typed["expiry"]))


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
    """A page that only says something: `complete`, `processing`, `expired`, `missing`."""
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
