"""What is typed into the fields of a hosted page, and what is missing of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from app.simulator.engine.cards import Card, card_by_number
from app.simulator.engine.errors import StripeError
from app.simulator.engine.sepa import BY_NAME
from app.simulator.http.messages import Request

Json = dict[str, Any]
FIELDS = ("method", "email", "number", "expiry", "cvc", "name", "iban", "holder")
NEEDED = {
    "card": ("email", "number", "expiry", "cvc", "name"),
    "sepa_debit": ("email", "iban", "holder"),
}
CARD_FIELDS = ("number", "expiry", "cvc", "name")
ERROR_FIELDS = {
    "number": "number",
    "cvc": "cvc",
    "exp_month": "expiry",
    "exp_year": "expiry",
    "email": "email",
    "iban": "iban",
}
OFFERED = (
    "4242424242424242", "4000000000000002", "4000000000009995", "4000002760003184", "4000002500003155",
    "4000000000000341", "4000000000000069", "4000000000000127", "4000000000007726", "4000000000005126",
)  # fmt: skip
OFFERED_ACCOUNTS = {
    "success": "Paid",
    "successDelayed": "Paid some minutes later",
    "failed": "Fails",
    "failedDelayed": "Fails some minutes later",
    "disputed": "Paid, then disputed",
    "insufficientFunds": "Insufficient funds",
}
WALLET = {
    "email": "wallet@example.com",
    "number": OFFERED[0],
    "expiry": "12 / 34",
    "cvc": "123",
    "name": "Test Wallet",
}
"""What the stand-in for a wallet gives by itself."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field: a word of the catalogue."""

    field: str
    word: str


def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the last value of each."""
    fields = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def typed_of(form: dict[str, str]) -> dict[str, str]:
    """Every field of the payment form, what was not typed empty."""
    return {name: form.get(name, "").strip() for name in FIELDS}


def missing(typed: dict[str, str], names: Iterable[str]) -> list[Problem]:
    """What of those fields is not whole, in their order."""
    digits = typed["number"].replace(" ", "")
    month, _, year = typed["expiry"].replace(" ", "").partition("/")
    iban, cvc = typed["iban"].replace(" ", ""), typed["cvc"]
    whole = {
        "email": "@" in typed["email"].strip("@"),
        "number": digits.isdigit() and 13 <= len(digits) <= 19,
        "expiry": month.isdigit() and year.isdigit(),
        "cvc": cvc.isdigit() and len(cvc) in (3, 4),
        "name": bool(typed["name"]),
        "iban": iban.isalnum() and 15 <= len(iban) <= 34,
        "holder": bool(typed["holder"]),
    }
    words = {
        "email": "email_wrong",
        "number": "number_missing",
        "expiry": "expiry_wrong",
        "cvc": "cvc_wrong",
        "iban": "iban_wrong",
    }
    return [Problem(name, words.get(name, "required")) for name in names if not whole[name]]


def with_card(typed: dict[str, str], number: str) -> dict[str, str]:
    """The form with a test card filled in."""
    filled = {"method": "card", "number": grouped(card_by_number(number).number)}
    return {**typed, **filled, "expiry": WALLET["expiry"], "cvc": WALLET["cvc"]}


def with_iban(typed: dict[str, str], iban: str) -> dict[str, str]:
    """The form with a test account filled in."""
    return {**typed, "method": "sepa_debit", "iban": grouped(iban)}


def refused_field(error: StripeError, method: str) -> str:
    """The field a refusal of Stripe's is shown at."""
    return ERROR_FIELDS.get(str(error.error.get("param")), "iban" if method == "sepa_debit" else "card")


def offered_cards() -> list[Card]:
    """The test cards that stand beside a form."""
    return [card_by_number(number) for number in OFFERED]


def offered_accounts() -> list[dict[str, str]]:
    """The German test accounts that stand beside a form."""
    return [
        {"iban": BY_NAME[f"pm_{kind}_de"].iban, "about": about} for kind, about in OFFERED_ACCOUNTS.items()
    ]


def grouped(number: str) -> str:
    """A card number or IBAN in groups of four."""
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))
