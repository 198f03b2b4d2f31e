"""What happens when somebody pays on the hosted Checkout page."""

from dataclasses import dataclass
from typing import Any

from app.simulator.engine.errors import invalid
from app.simulator.engine.invoices import collect, intent_of
from app.simulator.engine.invoices import run_answered as invoice_answered
from app.simulator.engine.metadata import merged
from app.simulator.engine.method_types import takes
from app.simulator.engine.methods import attach, card_from, make_card_method
from app.simulator.engine.payments import Attempt, confirm, fail_authentication, new_intent
from app.simulator.engine.sepa import account_by_iban, make_sepa_method
from app.simulator.engine.world import World
from app.simulator.resources.customers import new_customer
from app.simulator.resources.new_subscriptions import new_subscription, open_subscription
from app.simulator.resources.payment_intents import last_error
from app.simulator.resources.setup_intents import confirm_setup, new_setup_intent

Json = dict[str, Any]
TAKEN = frozenset({"succeeded", "processing"})


@dataclass(frozen=True)
class Payer:
    """What was typed on the page. `expiry` is (month, year), the future when not given.

    With an `iban` the payer pays by SEPA debit instead of by card.
    """

    card: str = ""
    email: str | None = None
    name: str | None = None
    expiry: tuple[int, int] | None = None
    country: str | None = None
    iban: str | None = None


def open_session(world: World, session_id: str) -> Json:
    """A session that can be paid. Raises: StripeError: it is complete or expired."""
    session = world.get("checkout.session", session_id)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.", code="checkout_session_not_open")
    if session.get("customer"):
        world.enter_test_clock(world.get("customer", session["customer"]).get("test_clock"))
    return session


def pay(world: World, session_id: str, payer: Payer) -> Json:
    """Pay a session with a card. Returns: the session; still `open` when 3-D Secure is asked for.

    Raises: StripeError: 402, in the words the page shows, when the card is refused.
    """
    session = open_session(world, session_id)
    email = payer.email or (session.get("customer_details") or {}).get("email")
    method = _method(world, session, payer)
    if not email:
        raise invalid("Your email is incomplete.", param="email")
    method["billing_details"] |= {"email": email, "name": payer.name}
    method["billing_details"]["address"] = {
        **method["billing_details"]["address"],
        "country": payer.country or method[method["type"]]["country"],
    }
    world.create(method)
    session["_method"] = method["id"]
    session["customer_details"] = _details(session, method)
    return _attempt(world, session, method, authenticated=False)


def accepts_sepa(session: Json) -> bool:
    """Whether a session can be paid by SEPA debit: in euros, and not asked to take only other ways."""
    return (session.get("currency") or "eur") == "eur" and takes(session, "sepa_debit")


def finish_authentication(world: World, session_id: str, *, passed: bool) -> Json:
    """The reader comes back from 3-D Secure.

    Raises: StripeError: 402 when it was failed, or the card is refused after all.
    """
    session = open_session(world, session_id)
    if not session.get("_method"):
        raise invalid("Nothing waits to be authenticated.")
    method = world.get("payment_method", session["_method"])
    if passed:
        return _attempt(world, session, method, authenticated=True)
    intent = pending_intent(world, session)
    if intent is not None and intent["status"] == "requires_action":
        fail_authentication(world, intent)
        raise last_error(world, intent) or invalid("The payment was not authenticated.")
    raise invalid("Nothing waits to be authenticated.")


def pending_intent(world: World, session: Json) -> Json | None:
    """The payment intent a session is being paid with."""
    if session.get("_intent"):
        return world.get("payment_intent", session["_intent"])
    if session.get("_subscription"):
        subscription = world.get("subscription", session["_subscription"])
        return intent_of(world, world.get("invoice", subscription["latest_invoice"]))
    return None


def awaits_authentication(world: World, session: Json) -> bool:
    """Whether 3-D Secure stands between the reader and the payment."""
    intent = pending_intent(world, session)
    return intent is not None and intent["status"] == "requires_action"


def _method(world: World, session: Json, payer: Payer) -> Json:
    if not payer.iban:
        return make_card_method(world, card_from(payer.card), expiry=payer.expiry)
    if not accepts_sepa(session):
        raise invalid("This Checkout Session cannot be paid by SEPA debit.", param="iban")
    if not payer.name:
        raise invalid("Your name is incomplete.", param="name")
    account = account_by_iban(payer.iban, param="iban")
    return make_sepa_method(world, account, name=payer.name, email=payer.email or "")


def _attempt(world: World, session: Json, method: Json, *, authenticated: bool) -> Json:
    pays = {"payment": _pay_once, "subscription": _subscribe, "setup": _set_up}
    attempt = Attempt(authenticated=authenticated, for_invoice=True)
    intent = pays[session["mode"]](world, session, method, attempt)
    if intent is not None and intent["status"] == "requires_payment_method":
        world.save(session)
        raise last_error(world, intent) or invalid("The payment failed.")
    if intent is not None and intent["status"] == "requires_action":
        return world.save(session)
    if intent is not None and intent["status"] == "processing":
        session["_awaits"] = intent["id"]
    return _complete(world, session)


def answered(world: World, session: Json, intent: Json) -> None:
    """The bank has answered the debit a complete session was waiting for."""
    session["_awaits"] = None
    if intent["status"] == "succeeded":
        session["payment_status"] = "paid"
    how = "succeeded" if intent["status"] == "succeeded" else "failed"
    world.save(session, f"checkout.session.async_payment_{how}")


def run_answered(world: World, ref: str) -> None:
    """A debit went through or failed: tell the invoice and the session that wait for it."""
    intent = world.get("payment_intent", ref)
    for payment in world.store.linked("invoice_payment", "payment.payment_intent", ref):
        invoice_answered(world, payment, intent)
    for session in world.store.linked("checkout.session", "_awaits", ref):
        answered(world, session, intent)


def _pay_once(world: World, session: Json, method: Json, attempt: Attempt) -> Json:
    data = session["_payment_intent_data"]
    if not session.get("_intent"):
        _give_customer(world, session, method, wanted=_wants_customer(session))
        intent = new_intent(
            world,
            amount=session["amount_total"],
            currency=session["currency"],
            customer=session["customer"],
            description=data.get("description"),
            metadata=merged({}, data.get("metadata")),
            receipt_email=data.get("receipt_email"),
            setup_future_usage=data.get("setup_future_usage"),
        )
        session["_intent"] = world.create(intent, "payment_intent.created")["id"]
    intent = world.get("payment_intent", session["_intent"])
    intent = confirm(world, intent, method, attempt)
    if intent["status"] in TAKEN and intent.get("setup_future_usage"):
        attach(world, world.get("payment_method", method["id"]), session["customer"])
    return intent


def _subscribe(world: World, session: Json, method: Json, attempt: Attempt) -> Json | None:
    _give_customer(world, session, method, wanted=True)
    if not session.get("_subscription"):
        _open(world, session, method)
    subscription = world.get("subscription", session["_subscription"])
    subscription["default_payment_method"] = method["id"]
    world.save(subscription)
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        collect(world, invoice, method, attempt)
    intent = None if invoice["status"] == "paid" else intent_of(world, invoice)
    if intent is None or intent["status"] == "processing":
        attach(world, world.get("payment_method", method["id"]), session["customer"])
    return intent


def _open(world: World, session: Json, method: Json) -> None:
    data = session["_subscription_data"]
    params = {
        **{name: data[name] for name in ("description", "trial_end", "trial_period_days") if name in data},
        "default_payment_method": method["id"],
        # Prices made inline for a session are inactive from birth, and still the ones to subscribe to.
        "items": [
            {"inline": True, "price": item["price"], "quantity": item["quantity"]}
            for item in session["_line_items"]
        ],
        "metadata": data.get("metadata"),
    }
    customer = world.get("customer", session["customer"])
    subscription = new_subscription(world, customer, params)
    open_subscription(world, subscription)
    session["_subscription"] = subscription["id"]


def _set_up(world: World, session: Json, method: Json, _attempt: Attempt) -> None:
    _give_customer(world, session, method, wanted=False)
    data = session["_setup_intent_data"]
    intent = new_setup_intent(world, customer=session["customer"], metadata=merged({}, data.get("metadata")))
    world.create(intent, "setup_intent.created")
    session["setup_intent"] = intent["id"]
    confirm_setup(world, intent, method, authenticated=True)


def _wants_customer(session: Json) -> bool:
    future = session["_payment_intent_data"].get("setup_future_usage")
    return session["customer_creation"] == "always" or bool(future)


def _give_customer(world: World, session: Json, method: Json, *, wanted: bool) -> None:
    if session["customer"] or not wanted:
        return
    billing = method["billing_details"]
    fields = {"address": billing["address"], "email": billing["email"], "name": billing["name"]}
    session["customer"] = new_customer(world, fields)["id"]


def _details(session: Json, method: Json) -> Json:
    billing = method["billing_details"]
    before = session.get("customer_details") or {}
    return {
        **before,
        "address": billing["address"],
        "email": before.get("email") or billing["email"],
        "name": billing["name"],
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _complete(world: World, session: Json) -> Json:
    world.unschedule(session["id"], "session_expire")
    session |= {
        "payment_intent": session.get("_intent"),
        "payment_status": "no_payment_required" if session["mode"] == "setup" else "paid",
        "status": "complete",
        "subscription": session.get("_subscription"),
        "url": None,
    }
    if session.get("_subscription"):
        subscription = world.get("subscription", session["_subscription"])
        session["invoice"] = subscription["latest_invoice"]
        if subscription["status"] == "trialing":
            session["payment_status"] = "no_payment_required"
    if session.get("_awaits"):
        session["payment_status"] = "unpaid"
    return world.save(session, "checkout.session.completed")


JOBS = {"payment_answered": run_answered}
