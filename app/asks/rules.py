"""What may be asked, and which asks stand in each other's way."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.asks.models import AskedBy, AskKind, AskMatter, EndReason
from app.kernel.errors import BadInput, SmallFavorError
from app.kernel.formatting import format_money_exactly
from app.kernel.intervals import Interval
from app.kernel.money import Money

MATTERS = {
    AskKind.refund: AskMatter.refund,
    AskKind.cancel: AskMatter.end,
    AskKind.cancel_later: AskMatter.end,
    AskKind.take_back: AskMatter.end,
    AskKind.change_amount: AskMatter.amount,
    AskKind.pause: AskMatter.collection,
    AskKind.resume: AskMatter.collection,
    AskKind.move_charge: AskMatter.day,
    AskKind.pay_invoice: AskMatter.payment,
    AskKind.move_customer: AskMatter.person,
    AskKind.forget_customer: AskMatter.person,
}
"""Asks of one matter undo or repeat each other."""


class AskRefused(BadInput):
    """What was asked cannot be done; nothing was sent to Stripe. `code` names the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NonceTaken(SmallFavorError):
    """The same form or link was used for something else before."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants Stripe to do.

    `object_id` is a payment intent to refund, a subscription, an invoice to pay, or a customer. `amount` is
    what to give back (all that is left where it is None), or what each `interval` is to be charged.
    """

    nonce: str
    kind: AskKind
    object_id: str
    asked_by: AskedBy
    amount: Money | None = None
    interval: Interval | None = None
    resumes_at: datetime | None = None
    charge_at: datetime | None = None
    reason: EndReason | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Refundable:
    """What is known of a payment before part of it is given back."""

    paid: Money
    given_back: Money
    """Refunds that went out, and those asked for that have not come through yet."""
    succeeded: bool
    disputed: bool


def amount_to_refund(known: Refundable, wanted: Money | None) -> Money:
    """Return how much to give back: what is wanted, or all that is left.

    Raises: AskRefused: nothing was paid, the bank has taken it back, or less than that is left.
    """
    if not known.succeeded:
        raise AskRefused("not_paid", "Nothing was paid, so nothing can be refunded.")
    if known.disputed:
        raise AskRefused("charge_disputed", "The bank disputes this payment; a refund would pay it twice.")
    left = known.paid - known.given_back
    if left.minor <= 0:
        raise AskRefused("charge_already_refunded", "All of this payment is refunded already.")
    asked = wanted or left
    if asked.minor <= 0:
        raise AskRefused("amount_not_positive", "The amount must be more than nothing.")
    if asked.currency != left.currency:
        raise AskRefused("currency_mismatch", f"This payment was made in {left.currency}.")
    if left < asked:
        raise AskRefused("more_than_left", f"Only {format_money_exactly(left, 'en')} is left to refund.")
    return asked
