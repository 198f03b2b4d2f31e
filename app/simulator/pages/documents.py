"""The hosted page of an invoice, receipts, mandates, and 3-D Secure outside Checkout."""

from typing import Any
from urllib.parse import urlencode

from app.simulator.engine.account import account_name
from app.simulator.engine.errors import StripeError, invalid
from app.simulator.engine.invoices import collect, intent_of, subscription_of
from app.simulator.engine.methods import attach, card_from, find_method, make_card_method
from app.simulator.engine.payments import Attempt, confirm, fail_authentication
from app.simulator.engine.world import World
from app.simulator.http.doors import Doors
from app.simulator.http.messages import Request, Response, redirect
from app.simulator.pages.forms import grouped, offered_cards, read_form
from app.simulator.pages.hosted import notice, origin, secure_page
from app.simulator.pages.render import page
from app.simulator.pages.words import WORDS, language, translated
from app.simulator.resources.payment_intents import last_error
from app.simulator.resources.setup_intents import confirm_setup

Json = dict[str, Any]


class Documents:
    """Answers `/invoices/…`, `/receipts/…`, `/mandates/…` and `/_sim/authenticate/…`."""

    def __init__(self, world: World, doors: Doors) -> None:
        self.world = world
        self.doors = doors

    def invoice(self, request: Request) -> Response:
        """Show an invoice by its own unguessable address, and take its payment."""
        lang = language([], request.headers.get("accept-language", ""))
        with self.world.lock:
            found = self.world.store.find(request.path.strip("/").split("/")[1])
        if not found or not str(found.get("hosted_invoice_url")).endswith(request.path):
            return notice(lang, "missing", status=404)
        if request.method != "POST":
            return self._show_invoice(found, lang)
        form = read_form(request)
        if form.get("fill"):
            return self._show_invoice(found, lang, number=grouped(form["fill"]))
        try:
            self.doors.transact(lambda: self._pay_invoice(found["id"], form.get("number", "")))
        except StripeError as error:
            problem = translated(error.error["message"], lang)
            return self._show_invoice(found, lang, problem, number=form.get("number", ""))
        with self.world.lock:
            intent = intent_of(self.world, found)
        if intent is not None and intent["status"] == "requires_action":
            return redirect(f"/_sim/authenticate/{intent['id']}")
        return redirect(request.path)

    def receipt(self, request: Request) -> Response:
        """Show that a charge was paid."""
        lang = language([], request.headers.get("accept-language", ""))
        with self.world.lock:
            charge = self.world.store.find(request.path.strip("/").split("/")[1])
        if not charge or charge["object"] != "charge" or not charge["paid"]:
            return notice(lang, "missing", status=404)
        return page("receipt.html", lang=lang, words=WORDS[lang], charge=charge, business=self._business())

    def mandate(self, request: Request) -> Response:
        """Show what a payer of SEPA debits has signed."""
        lang = language([], request.headers.get("accept-language", ""))
        with self.world.lock:
            mandate = self.world.store.find(request.path.rsplit("/", 1)[1])
            method = mandate and self.world.store.find(mandate.get("payment_method") or "")
        if not mandate or mandate["object"] != "mandate" or not method:
            return notice(lang, "missing", status=404)
        return page(
            "mandate.html",
            lang=lang,
            words=WORDS[lang],
            business=self._business(),
            reference=mandate["payment_method_details"]["sepa_debit"]["reference"],
            last4=method["sepa_debit"]["last4"],
        )

    def authenticate(self, request: Request) -> Response:
        """Stand in for the bank, for an intent confirmed through the API or an invoice."""
        lang = language([], request.headers.get("accept-language", ""))
        with self.world.lock:
            intent = self.world.store.find(request.path.rsplit("/", 1)[1])
        if not intent or intent.get("status") != "requires_action":
            return notice(lang, "complete" if intent else "missing", status=200 if intent else 404)
        back = self._way_back(intent)
        if request.method != "POST":
            targets = f"'self' {origin(back)}" if back else "'self'"
            return secure_page(self.world, lang, intent, form_targets=targets)
        passed = b"outcome=complete" in request.body
        try:
            self.doors.transact(lambda: self._finish(intent["id"], passed=passed))
            outcome = "succeeded"
        except StripeError:
            outcome = "failed"
        if not back:
            return redirect(request.path)
        mark = "&" if "?" in back else "?"
        named = {intent["object"]: intent["id"], "redirect_status": outcome}
        return redirect(back + mark + urlencode(named) if intent.get("_return_url") else back)

    def _business(self) -> str:
        with self.world.lock:
            return account_name(self.world)

    def _show_invoice(self, invoice: Json, lang: str, problem: str = "", number: str = "") -> Response:
        return page(
            "invoice.html",
            status=402 if problem else 200,
            lang=lang,
            words=WORDS[lang],
            invoice=invoice,
            problem=problem,
            number=number,
            cards=offered_cards(),
            business=self._business(),
        )

    def _pay_invoice(self, invoice_id: str, number: str) -> Json:
        invoice = self.world.get("invoice", invoice_id)
        self.world.enter_test_clock(invoice.get("test_clock"))
        if invoice["status"] != "open":
            raise invalid("This invoice can no longer be paid.")
        intent = intent_of(self.world, invoice)
        if not number and intent and intent["status"] == "requires_action":
            return invoice
        method = self.world.create(make_card_method(self.world, card_from(number)))
        attach(self.world, method, invoice["customer"])
        collect(self.world, invoice, method, Attempt(for_invoice=True))
        self._refuse(invoice)
        return invoice

    def _finish(self, intent_id: str, *, passed: bool) -> Json:
        intent = self.world.store.find(intent_id) or {}
        if intent["object"] == "setup_intent":
            return self._finish_setup(intent, passed=passed)
        invoice = self._invoice_behind(intent)
        if invoice:
            self.world.enter_test_clock(invoice.get("test_clock"))
        if not passed:
            fail_authentication(self.world, intent)
            raise last_error(self.world, intent) or invalid("The payment was not authenticated.")
        method = find_method(self.world, intent["payment_method"])
        attempt = Attempt(authenticated=True, for_invoice=True)
        if invoice is None:
            confirm(self.world, intent, method, attempt)
        else:
            collect(self.world, invoice, method, attempt)
            intent = self.world.get("payment_intent", intent_id)
        error = last_error(self.world, intent)
        if error:
            raise error
        return intent

    def _finish_setup(self, intent: Json, *, passed: bool) -> Json:
        if passed:
            method = find_method(self.world, intent["payment_method"])
            return confirm_setup(self.world, intent, method, authenticated=True)
        intent |= {"next_action": None, "payment_method": None, "status": "requires_payment_method"}
        return self.world.save(intent, "setup_intent.setup_failed")

    def _refuse(self, invoice: Json) -> None:
        intent = intent_of(self.world, invoice)
        error = last_error(self.world, intent) if intent else None
        if error:
            raise error

    def _invoice_behind(self, intent: Json) -> Json | None:
        payments = self.world.store.linked("invoice_payment", "payment.payment_intent", intent["id"])
        return self.world.get("invoice", payments[0]["invoice"]) if payments else None

    def _way_back(self, intent: Json) -> str | None:
        if intent.get("_return_url"):
            return str(intent["_return_url"])
        with self.world.lock:
            invoice = self._invoice_behind(intent)
            first = invoice and (subscription_of(self.world, invoice) or {}).get("status") == "incomplete"
        return None if invoice is None or first else str(invoice["hosted_invoice_url"])
