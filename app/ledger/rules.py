"""How Stripe's balance transactions become balanced entries."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.errors import SmallFavorError
from app.kernel.money import CurrencyMismatch, Money
from app.ledger.models import Account, Direction, EntryKind

_KINDS = {
    "charge": EntryKind.payment,
    "charge_failure": EntryKind.dispute,
    "refund": EntryKind.refund,
    "refund_failure": EntryKind.refund_failure,
    "dispute": EntryKind.dispute,
    "dispute_reversal": EntryKind.dispute_reversal,
    "payout": EntryKind.payout,
    "payout_reversal": EntryKind.payout_failure,
    "fee": EntryKind.stripe_fee,
    "network_cost": EntryKind.stripe_fee,
    "tax": EntryKind.stripe_fee,
}
"""By Stripe's `reporting_category`; https://docs.stripe.com/reports/reporting-categories."""
_AGAINST = {
    EntryKind.payment: Account.contributions,
    EntryKind.refund: Account.refunds,
    EntryKind.refund_failure: Account.refunds,
    EntryKind.dispute: Account.disputes,
    EntryKind.dispute_reversal: Account.disputes,
    EntryKind.payout: Account.bank,
    EntryKind.payout_failure: Account.bank,
    EntryKind.stripe_fee: Account.stripe_fees,
    EntryKind.adjustment: Account.adjustments,
}
_FEES_OF = {
    EntryKind.payment: Account.processing_fees,
    EntryKind.refund: Account.processing_fees,
    EntryKind.refund_failure: Account.processing_fees,
    EntryKind.dispute: Account.dispute_fees,
    EntryKind.dispute_reversal: Account.dispute_fees,
}


class EntryUnbalanced(SmallFavorError):
    """Debits and credits of an entry differ: a fault in our rules."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One posting to be: a positive amount on one side of one account."""

    account: Account
    direction: Direction
    amount: Money


def kind_of(category: str) -> EntryKind:
    """Return what a balance transaction of one of Stripe's reporting categories records.

    A bank debit that is returned after it was paid (`charge_failure`) is money a bank took back. What
    we do not know, now or ever, is an adjustment: the books hold it, and so agree with Stripe.
    """
    return _KINDS.get(category, EntryKind.adjustment)


def lines_of(kind: EntryKind, *, gross: Money, fee: Money) -> list[Line]:
    """Return the lines of a balance transaction, `gross - fee` moving the balance.

    Charge 1500, fee 74: debit `stripe_balance` 1426 and `processing_fees` 74, credit
    `contributions` 1500. A refund has a negative gross and falls on the other sides. Two moves of
    one account are one line, and zero lines are left out.
    Raises: CurrencyMismatch: fee and gross differ in currency.
    """
    moves = {Account.stripe_balance: gross - fee}
    for account, amount in ((_FEES_OF.get(kind, Account.stripe_fees), fee), (_AGAINST[kind], -gross)):
        moves[account] = moves[account] + amount if account in moves else amount
    lines = [_line(account, amount) for account, amount in moves.items() if amount.minor]
    check_balanced(lines)
    return lines


def _line(account: Account, amount: Money) -> Line:
    direction = Direction.debit if amount.minor > 0 else Direction.credit
    return Line(account=account, direction=direction, amount=Money(abs(amount.minor), amount.currency))


def check_balanced(lines: Iterable[Line]) -> None:
    """Raise EntryUnbalanced or CurrencyMismatch unless debits equal credits in one currency."""
    lines = list(lines)
    if len({line.amount.currency for line in lines}) > 1:
        raise CurrencyMismatch("an entry has one currency")
    if sum(signed_minor(line) for line in lines):
        raise EntryUnbalanced("debits and credits differ")


def signed_minor(line: Line) -> int:
    """Return the line's minor units, debits positive."""
    return line.amount.minor if line.direction is Direction.debit else -line.amount.minor
