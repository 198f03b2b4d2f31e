"""What readers of a chaos run give, and what they pay with."""

import random

from app.vault.vault import PersonInClear
from tests.faults.newsroom import Gift
from tests.support.cast import (
    ASKED_ABOUT,
    DECLINED,
    DISPUTED_AT_ONCE,
    INSUFFICIENT_FUNDS,
    PAID,
    REFUND_FAILS,
    REFUND_PENDING,
    SAVED_THEN_DECLINED,
    THREE_D_SECURE_ALWAYS,
    THREE_D_SECURE_ONCE,
    reader,
)

AMOUNTS = {
    "eur": {"once": "10 25", "month": "2 5 19.99", "year": "24 60"},
    "usd": {"once": "10 50", "month": "2 10", "year": "24"},
    "gbp": {"once": "10", "month": "5", "year": "60"},
    "jpy": {"once": "1500", "month": "300 800", "year": "3600"},
    "kwd": {"once": "3", "month": "0.700 1.500", "year": "8"},
}
"""As they are typed, by currency and interval."""
CURRENCIES = ("eur",) * 4 + ("usd",) * 2 + ("gbp", "jpy", "kwd")
INTERVALS = ("month",) * 5 + ("year", "once", "once")
CARDS = (
    *(PAID,) * 8,
    *(THREE_D_SECURE_ALWAYS, THREE_D_SECURE_ONCE) * 2,
    *(DECLINED, INSUFFICIENT_FUNDS, SAVED_THEN_DECLINED, REFUND_FAILS, REFUND_PENDING),
    *(DISPUTED_AT_ONCE, ASKED_ABOUT),
)
ACCOUNTS = (
    "DE89370400440532013000",  # pays
    "DE08370400440532013003",  # pays late
    "DE62370400440532013001",  # fails
    "DE78370400440532013004",  # fails late
    "DE35370400440532013002",  # pays, and takes it back
)
"""Stripe's test accounts for SEPA debits: https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-integration."""
SHARE_OF_DEBITS = 0.2
SHARE_OF_NAMES = 0.5


def draw_gift(chance: random.Random) -> Gift:
    """Return any gift a reader may think of."""
    currency, interval = chance.choice(CURRENCIES), chance.choice(INTERVALS)
    debit = currency == "eur" and chance.random() < SHARE_OF_DEBITS
    return Gift(
        amount=chance.choice(AMOUNTS[currency][interval].split()),
        currency=currency,
        interval=interval,
        card=chance.choice(CARDS),
        iban=chance.choice(ACCOUNTS) if debit else "",
        authenticates=chance.choice((True, True, True, False, None)),
    )


def draw_person(chance: random.Random, number: int, gift: Gift) -> PersonInClear:
    """Return a reader, with the name that a debit asks for, or any, or none."""
    named = bool(gift.iban) or chance.random() < SHARE_OF_NAMES
    return reader(number, name=f"Reader {number}" if named else None)
