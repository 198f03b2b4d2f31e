"""Pictures of money on its way back or out: disputes, payouts, and pages of balance transactions."""

from dataclasses import dataclass, field
from datetime import date, datetime

from app.kernel.money import Money
from app.stripe_gateway.snapshots import BalanceSnapshot


@dataclass(frozen=True, kw_only=True)
class DisputeSnapshot:
    """A dispute, with every balance transaction by which money went and came back because of it."""

    id: str
    status: str
    reason: str
    amount: Money
    """What is disputed, in the currency of the charge: not always all of it."""
    charge_id: str
    payment_intent_id: str | None
    evidence_due_at: datetime | None
    """None where the bank takes no answer."""
    created_at: datetime
    balances: tuple[BalanceSnapshot, ...]
    """Oldest first; none while the bank only asks."""


@dataclass(frozen=True, kw_only=True)
class PayoutSnapshot:
    """A payout and, once Stripe can say it of an automatic one, what it is made of."""

    id: str
    status: str
    amount: Money
    """Negative where Stripe takes money back from the bank."""
    arrival_on: date
    automatic: bool
    failure_code: str | None
    created_at: datetime
    balance: BalanceSnapshot | None
    failure_balance: BalanceSnapshot | None
    """Its coming back, where it failed or was canceled."""
    matched: bool
    """Whether Stripe can say by now what it is made of."""
    lines: tuple[BalanceSnapshot, ...]
    """Oldest first, without the payout's own; none of a manual one, or before Stripe has matched it."""
    intent_ids: dict[str, str]
    """By the line's id, which payment intent made the charge that it is about."""


@dataclass(frozen=True, kw_only=True)
class TransactionPage:
    """Some balance transactions as Stripe lists them, newest first."""

    transactions: tuple[BalanceSnapshot, ...]
    intent_ids: dict[str, str]
    """By the transaction's id, which payment intent made the charge that it is about."""
    last_id: str | None
    """Where the next page begins; None on the last one."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """By the id of each that could not be read, the class of the error."""
