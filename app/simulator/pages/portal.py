"""The pages of the billing portal."""

from collections.abc import Callable
from typing import Any

from app.simulator.engine.cards import card_by_number
from app.simulator.engine.errors import StripeError
from app.simulator.engine.methods import parse_expiry
from app.simulator.engine.world import World
from app.simulator.http.doors import Doors
from app.simulator.http.messages import Request, Response, redirect
from app.simulator.pages.forms import (
    CARD_FIELDS,
    missing,
    offered_cards,
    read_form,
    refused_field,
    typed_of,
    with_card,
)
from app.simulator.pages.hosted import notice, origin, secure_page
from app.simulator.pages.portal_view import PortalView, change_of
from app.simulator.pages.render import page
from app.simulator.pages.words import WORDS, language, translated
from app.simulator.resources import billing_portal_actions as actions
from app.simulator.resources.billing_portal_sessions import find_by_token, visit

Json = dict[str, Any]
SAID = ("done_cancel", "done_card", "done_details", "done_keep", "done_removed", "done_update")
FLOW_PAGES = {
    "customer_update": "details",
    "payment_method_update": "card",
    "subscription_cancel": "cancel",
    "subscription_update": "update",
    "subscription_update_confirm": "update",
}


class PortalPages:
    """Answers `/p/session/…`."""

    def __init__(self, world: World, doors: Doors) -> None:
        self.world = world
        self.doors = doors

    def __call__(self, request: Request) -> Response:
        """Show a page of a session, or do what is asked on it."""
        parts = request.path.strip("/").split("/")
        accepted = request.headers.get("accept-language", "")
        with self.world.lock:
            session = find_by_token(self.world, parts[2]) if len(parts) > 2 else None
            customer = self.world.store.find(session["customer"]) if session else None
        if session is None or customer is None:
            return notice(language([], accepted), "missing", status=404)
        lang = language([session["locale"] or "", *customer["preferred_locales"]], accepted)
        with self.world.lock, self.world.transaction():
            alive = visit(self.world, session)
        if not alive:
            return notice(lang, "portal_expired", status=410, back=session["return_url"])
        return _Stay(self, session, lang).answer(parts[3:], request)


class _Stay:
    """One person in one session of the portal."""

    def __init__(self, pages: PortalPages, session: Json, lang: str) -> None:
        self.world = pages.world
        self.doors = pages.doors
        self.session = session
        self.lang = lang
        self.words = WORDS[lang]
        self.root = f"/p/session/{session['_token']}"
        self.flow: Json | None = None if session.get("_flow_done") else session["flow"]

    def answer(self, parts: list[str], request: Request) -> Response:
        name, which = [*parts, "", ""][:2]
        query = read_form(Request("GET", "", "", {}, request.query.encode()))
        form = read_form(request) if request.method == "POST" else None
        if self.flow and not name:
            return redirect(self._flow_address())
        shows: dict[str, Callable[[], Response]] = {
            "": lambda: self._home(query),
            "card": lambda: self._card(which, form),
            "authenticate": lambda: self._authenticate(form),
            "cards": lambda: self._cards(form),
            "cancel": lambda: self._cancel(which, form),
            "keep": lambda: self._keep(which, form),
            "update": lambda: self._update(which, query, form),
            "details": lambda: self._details(form),
            "done": self._done,
        }
        barred = self.flow and name not in {FLOW_PAGES[self.flow["type"]], "authenticate"}
        if name not in shows or barred:
            return notice(self.lang, "missing", status=404)
        try:
            return shows[name]()
        except StripeError as error:
            return self._home({}, problem=error.error["message"])

    def _home(self, query: dict[str, str], problem: str = "") -> Response:
        said = query.get("said", "")
        return self._page(
            "home",
            status=400 if problem else 200,
            said=self.words[said] if said in SAID else "",
            problem=translated(problem, self.lang),
        )

    def _card(self, which: str, form: dict[str, str] | None) -> Response:
        if form is None:
            return self._show_card(typed_of({}), which=which)
        typed = typed_of(form)
        if form.get("fill"):
            return self._show_card(with_card(typed, form["fill"]), which=which)
        errors = {one.field: self.words[one.word] for one in missing(typed, CARD_FIELDS)}
        if errors:
            return self._show_card(typed, errors, 400, which=which)
        try:
            intent = self._do(lambda: self._add_card(typed, which or None))
        except StripeError as error:
            message = translated(error.error["message"], self.lang)
            errors = {refused_field(error, "card"): message}
            return self._show_card(typed, errors, error.status, which=which)
        if intent["status"] == "requires_action":
            return redirect(f"{self.root}/authenticate")
        return self._finish("done_card")

    def _show_card(
        self, typed: dict[str, str], errors: dict[str, str] | None = None, status: int = 200, which: str = ""
    ) -> Response:
        shown = {"typed": typed, "errors": errors or {}, "cards": offered_cards(), "which": which}
        return self._page("card", status=status, **shown)

    def _add_card(self, typed: dict[str, str], subscription: str | None) -> Json:
        card, expiry = card_by_number(typed["number"]), parse_expiry(typed["expiry"])
        return actions.add_card(
            self.world, self.session, card, expiry=expiry, name=typed["name"], subscription=subscription
        )

    def _authenticate(self, form: dict[str, str] | None) -> Response:
        with self.world.lock:
            intent = self.world.store.find(self.session.get("_intent") or "")
        if intent is None or intent["status"] != "requires_action":
            return redirect(self.root)
        if form is None:
            return secure_page(self.world, self.lang, intent, form_targets=self._targets())
        try:
            passed = form.get("outcome") == "complete"
            self._do(lambda: actions.finish_card(self.world, self.session, passed=passed))
        except StripeError as error:
            message = translated(error.error["message"], self.lang)
            which = intent.get("_portal_subscription") or ""
            return self._show_card(typed_of({}), {"card": message}, error.status, which=which)
        return self._finish("done_card")

    def _cards(self, form: dict[str, str] | None) -> Response:
        if form and form.get("default"):
            self._do(lambda: actions.choose_card(self.world, self.session, form["default"]))
            return self._finish("done_card")
        if form and form.get("remove"):
            self._do(lambda: actions.remove_card(self.world, self.session, form["remove"]))
            return self._finish("done_removed")
        return redirect(self.root)

    def _cancel(self, which: str, form: dict[str, str] | None) -> Response:
        if form is None:
            return self._page("cancel", which=which)
        feedback, comment = form.get("feedback"), form.get("comment", "").strip()
        self._do(
            lambda: actions.cancel(
                self.world, self.session, which, feedback=feedback, comment=comment or None
            )
        )
        return self._finish("done_cancel")

    def _keep(self, which: str, form: dict[str, str] | None) -> Response:
        if form is None:
            return self._page("keep", which=which)
        self._do(lambda: actions.keep(self.world, self.session, which))
        return self._finish("done_keep")

    def _update(self, which: str, query: dict[str, str], form: dict[str, str] | None) -> Response:
        asked = {name: value for name, value in (form or query).items() if name in {"price", "quantity"}}
        if self.flow and self.flow["type"] == "subscription_update_confirm":
            [item] = self.flow["subscription_update_confirm"]["items"]
            asked = {"price": item["price"], "quantity": str(item["quantity"])}
        if form is None:
            return self._page("confirm" if asked else "update", which=which, asked=asked)
        with self.world.lock:
            change = change_of(self.world, self.session, which, asked)
        self._do(lambda: actions.change_plan(self.world, self.session, which, change))
        return self._finish("done_update")

    def _details(self, form: dict[str, str] | None) -> Response:
        if form is None:
            return self._page("details", errors={})
        if form.get("email") is not None and "@" not in form["email"].strip("@"):
            return self._page("details", status=400, errors={"email": self.words["email_wrong"]})
        given = {name: value.strip() for name, value in form.items()}
        self._do(lambda: actions.change_details(self.world, self.session, given))
        return self._finish("done_details")

    def _done(self) -> Response:
        after = (self.session["flow"] or {}).get("after_completion") or {}
        message = (after.get("hosted_confirmation") or {}).get("custom_message")
        return self._page("done", message=message)

    def _finish(self, said: str) -> Response:
        """Where somebody goes who has done what they came for."""
        if not self.flow:
            return redirect(f"{self.root}?said={said}")
        with self.world.lock, self.world.transaction():
            stored = self.world.get("billing_portal.session", self.session["id"])
            stored["_flow_done"] = True
            self.world.save(stored)
        after = self.flow["after_completion"]
        if after["type"] == "redirect":
            return redirect(after["redirect"]["return_url"])
        return redirect(
            f"{self.root}/done" if after["type"] == "hosted_confirmation" else f"{self.root}?said={said}"
        )

    def _flow_address(self) -> str:
        flow = self.flow or {}
        details = flow.get(flow["type"]) or {}
        return "/".join(filter(None, (self.root, FLOW_PAGES[flow["type"]], details.get("subscription"))))

    def _do(self, work: Callable[[], Json]) -> Json:
        return self.doors.transact(work)

    def _targets(self) -> str:
        after = ((self.session["flow"] or {}).get("after_completion") or {}).get("redirect")
        return f"'self' {origin(after['return_url'])}" if after else "'self'"

    def _page(self, name: str, *, status: int = 200, **values: Any) -> Response:
        with self.world.lock:
            view = PortalView(self.world, self.session, self.lang)
            shown: Json = {**view.frame(), **view.values_of(name, values)}
        return page(
            f"portal/{name}.html",
            status=status,
            form_targets=self._targets(),
            **{
                "flow": self.flow,
                "lang": self.lang,
                "root": self.root,
                "said": "",
                "problem": "",
                "words": self.words,
                **shown,
            },
        )
