"""Payment methods: made from test cards, saved to customers."""

import hashlib
from typing import Any

from app.simulator.engine.cards import (
    Card,
    Decline,
    card_by_name,
    card_by_number,
    expiry_problem,
    number_error,
)
from app.simulator.engine.errors import StripeError, card_error, no_such
from app.simulator.engine.ids import new_id
from app.simulator.engine.sepa import BY_NAME as BANK_ACCOUNTS
from app.simulator.engine.sepa import NO_ADDRESS, make_sepa_method
from app.simulator.engine.world import World

Json = dict[str, Any]
# A bank account is never declined, disputed or asked about by the rules of cards.
NO_CARD = Card("", "A bank account")
TEST_HOLDER = {"name": "Jenny Rosen", "email": "jenny@example.com"}
CHARGE_DETAIL_FIELDS = (
    "brand",
    "checks",
    "country",
    "exp_month",
    "exp_year",
    "fingerprint",
    "funding",
    "last4",
)


def make_card_method(world: World, card: Card, *, expiry: tuple[int, int] | None = None) -> Json:
    """A new card payment method, not yet stored.

    Args: expiry: month and year; three years from now when not given.
    Raises: StripeError: the expiry date has passed or is none.
    """
    month, year = expiry or (12, _year(world.now()) + 3)
    problem = expiry_problem(month, year, world.now())
    if problem:
        param = "exp_year" if problem.code.endswith("year") else "exp_month"
        raise card_error(problem.message, code=problem.code, decline_code=None, extra={"param": param})
    return {
        "id": new_id("payment_method"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {"address": dict(NO_ADDRESS), "email": None, "name": None, "phone": None},
        "card": _card_hash(card, month, year + 2000 if year < 100 else year),
        "created": world.now(),
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_number": card.number,
        "_set_up": False,
    }


def find_method(world: World, method_id: str, *, param: str = "payment_method") -> Json:
    """A payment method by id; `pm_card_visa` and its like make a new one each time.

    Raises: StripeError: there is none.
    """
    found = world.store.find(method_id)
    if found is not None and found["object"] == "payment_method":
        return found
    if method_id in BANK_ACCOUNTS:
        return world.create(make_sepa_method(world, BANK_ACCOUNTS[method_id], **TEST_HOLDER))
    card = card_by_name(method_id)
    if card is None:
        raise no_such("payment_method", method_id, param=param)
    return world.create(make_card_method(world, card))


def customer_clock(world: World, customer_id: str | None) -> str | None:
    """The test clock a customer is bound to, if any."""
    customer = world.store.find(customer_id) if customer_id else None
    return (customer or {}).get("test_clock")


def default_method(subscription: Json, customer: Json) -> str | None:
    """What a subscription's invoices are charged to, by Stripe's order of precedence."""
    settings = customer.get("invoice_settings") or {}
    found: str | None = subscription.get("default_payment_method") or settings.get("default_payment_method")
    return found


def refund_behaviour(method: Json) -> str:
    """How a refund to this method goes: `succeeds`, `pending` first, or `fails` later."""
    return card_of(method).refund if method["type"] == "card" else "succeeds"


def card_of(method: Json) -> Card:
    """The test card behind a payment method; one without rules behind a bank account."""
    return card_by_number(method["_number"]) if method["type"] == "card" else NO_CARD


def attach(world: World, method: Json, customer: str) -> Json:
    """Save a payment method to a customer. Raises: StripeError: the card does not let itself be saved."""
    if method.get("customer") == customer:
        return method
    refuse_attachment(card_of(method))
    method["customer"] = customer
    return world.save(method, "payment_method.attached")


def refuse_attachment(card: Card) -> None:
    """Raises: StripeError: this card is declined already when it is saved."""
    if card.attach_decline:
        refused = declined(card.attach_decline, {})
        # Nothing of a request that only saves a card stays when the card is refused.
        refused.commits = False
        raise refused


def declined(decline: Decline, extra: Json) -> StripeError:
    """The 402 of a declined card."""
    param = {"incorrect_cvc": "cvc", "expired_card": "exp_month"}.get(decline.code)
    return card_error(
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
        extra={"param": param, **extra},
    )


def details_for_charge(method: Json, *, three_d_secure: bool) -> Json:
    """`payment_method_details` of a charge made with this method."""
    if method["type"] == "sepa_debit":
        account = {name: value for name, value in method["sepa_debit"].items() if name != "generated_from"}
        return {"type": "sepa_debit", "sepa_debit": account}
    card = {name: method["card"][name] for name in CHARGE_DETAIL_FIELDS}
    secure = {"authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0"}
    return {
        "type": "card",
        "card": {
            **card,
            "network": method["card"]["networks"]["available"][0],
            "three_d_secure": secure if three_d_secure else None,
        },
    }


def parse_expiry(text: str) -> tuple[int, int]:
    """Month and year of `MM / YY`. Raises: StripeError: it is no date."""
    month, _, year = text.replace(" ", "").partition("/")
    if not (month.isdigit() and year.isdigit()):
        raise number_error_for_expiry()
    return int(month), int(year)


def number_error_for_expiry() -> StripeError:
    """The expiry date cannot be read."""
    problem = Decline("invalid_expiry_year")
    return card_error(problem.message, code=problem.code, decline_code=None, extra={"param": "exp_year"})


def card_from(number: str) -> Card:
    """A card by number, `pm_card_` or `tok_` name. Raises: StripeError: neither."""
    named = card_by_name(number)
    if named:
        return named
    if not number.strip():
        raise number_error()
    return card_by_number(number)


def _card_hash(card: Card, month: int, year: int) -> Json:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": card.country,
        "display_brand": {"amex": "american_express", "diners": "diners_club"}.get(card.brand, card.brand),
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
    }


def _year(now: int) -> int:
    return 1970 + now // 31556952
