"""What each object is asked for with, alone or in a list: so both ways give the same picture."""

from collections.abc import Iterable
from typing import Final

CUSTOMER: Final[tuple[str, ...]] = ()
SUBSCRIPTION: Final = ("default_payment_method", "customer.invoice_settings.default_payment_method")
"""It tells what its next renewal is charged to."""
INVOICE: Final = ("payments",)
PAYMENT: Final = ("latest_charge.balance_transaction", "customer")
REFUND: Final = ("balance_transaction", "failure_balance_transaction")
DISPUTE: Final[tuple[str, ...]] = ()
PAYOUT: Final = ("balance_transaction", "failure_balance_transaction")
CHECKOUT: Final = ("invoice.payments",)


def of_a_list(expansions: Iterable[str]) -> list[str]:
    """Return the expansions of one object as a list of them takes them."""
    return [f"data.{path}" for path in expansions]
