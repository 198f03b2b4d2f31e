"""The people of the tests: Ada gives monthly, Ben lapsed, Cleo is staff, Dan has no rights."""

from app.vault.vault import PersonInClear

ADA = PersonInClear(address="ada@example.org", name="Ada Adler")
BEN = PersonInClear(address="ben@example.org", name=None)
CLEO = PersonInClear(address="cleo@harbour-courier.example", name="Cleo Clark")
DAN = PersonInClear(address="dan@example.org", name="Dan Dorn")
"""Has pledged and never paid: no member, no receipt, no mail."""
CANARY = PersonInClear(address="zq-canary-7731@example.org", name="Zoraida Quillfeather")
"""A name and an address that no page, log line or row shows by chance."""

PAID = "4242424242424242"
DECLINED = "4000000000000002"
INSUFFICIENT_FUNDS = "4000000000009995"
SAVED_THEN_DECLINED = "4000000000000341"
THREE_D_SECURE_ALWAYS = "4000002760003184"
THREE_D_SECURE_ONCE = "4000002500003155"
REFUND_FAILS = "4000000000005126"
REFUND_PENDING = "4000000000007726"
DISPUTED_AT_ONCE = "4000000000000259"
ASKED_ABOUT = "4000000000001976"
"""Stripe's published test cards: https://docs.stripe.com/testing."""

DEBIT_PAID = "DE89370400440532013000"
DEBIT_PAID_LATER = "DE08370400440532013003"
DEBIT_FAILED = "DE62370400440532013001"
DEBIT_RETURNED = "DE35370400440532013002"
"""Stripe's published test accounts: https://docs.stripe.com/payments/sepa-debit/accept-a-payment."""


def reader(number: int, *, name: str | None = None) -> PersonInClear:
    """Return one of any number of readers who are nobody in particular."""
    return PersonInClear(address=f"reader{number}@example.org", name=name)
