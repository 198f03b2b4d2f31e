"""How Stripe's balance transactions become balanced entries."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.errors import SmallFavorError
from app.kernel.money import CurrencyMismatch, Money
from app.ledger.models import Account, Direction


class EntryUnbalanced(SmallFavorError):
    """Debits and credits of an entry differ: a fault in our rules."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One posting to be: a positive amount on one side of one account."""

    account: Account
    direction: Direction
    amount: Money


def lines_of(*, against: Account, gross: Money, fee: Money) -> list[Line]:
    """Return the lines of a balance transaction, `gross - fee` moving the balance.

    Charge 1500, fee 74: debit `stripe_balance` 1426 and `processing_fees` 74, credit
    `contributions` 1500. A refund has a negative gross and falls on the other sides. Zero lines
    are left out.
    Raises: CurrencyMismatch: fee and gross differ in currency.
    """
    moves = ((Account.stripe_balance, gross - fee), (Account.processing_fees, fee), (against, -gross))
    lines = [_line(account, amount) for account, amount in moves if amount.minor]
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
