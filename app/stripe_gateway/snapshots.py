"""Pictures of Stripe's objects, frozen at the moment of the answer, holding what we use of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from app.kernel.intervals import Interval
from app.kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class BalanceSnapshot:
    """A balance transaction: signed minor units of the settled currency, `gross - fee = net`."""

    id: str
    category: str
    """Stripe's `reporting_category`: `charge`, `refund`, `dispute`, `payout`, `fee` …"""
    source_id: str | None
    """The charge, refund, dispute or payout that it is about; None where it is about no object."""
    gross: Money
    fee: Money
    exchange_rate: Decimal | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CheckoutSnapshot:
    """A Checkout session; the payment intents are its own or those of its first invoice."""

    id: str
    status: str
    """`open`, `complete` or `expired`."""
    payment_status: str
    """`paid`, `unpaid` or `no_payment_required`."""
    url: str | None
    """Where the reader pays, while the session is open."""
    expires_at: datetime
    pledge_id: UUID | None
    customer_id: str | None
    subscription_id: str | None
    invoice_id: str | None
    payment_intent_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MethodSnapshot:
    """A way to pay: brand of the card or kind of the method; the last day a card is good for."""

    kind: str
    last4: str | None
    expires_on: date | None


@dataclass(frozen=True, kw_only=True)
class SubscriptionSnapshot:
    """A subscription; `amount` is what each interval is charged."""

    id: str
    status: str
    customer_id: str
    pledge_id: UUID | None
    amount: Money
    interval: Interval
    started_at: datetime
    current_period_start: datetime | None
    current_period_end: datetime | None
    anchor_at: datetime | None
    """Whose day and hour every period begins on; a month too short for it, on its last day."""
    cancel_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    cancellation_reason: str | None
    cancellation_feedback: str | None
    trial_end: datetime | None
    pause_behavior: str | None
    """`void`, `keep_as_draft` or `mark_uncollectible` while paused."""
    paused_until: datetime | None
    method: MethodSnapshot | None
    """What the next renewal is charged to: its own, or the customer's."""
    ask_id: UUID | None
    """The newest of our asks that Stripe carried out on it."""


@dataclass(frozen=True, kw_only=True)
class InvoiceSnapshot:
    """An invoice; the period is that of its line, not of the invoice itself."""

    id: str
    status: str
    customer_id: str | None
    subscription_id: str | None
    pledge_id: UUID | None
    billing_reason: str | None
    amount_due: Money
    amount_paid: Money
    period_start: datetime
    period_end: datetime
    attempt_count: int
    next_attempt_at: datetime | None
    finalized_at: datetime | None
    payment_intent_ids: tuple[str, ...]
    """Those that pay it, where the answer names them: neither object names the other by itself."""


@dataclass(frozen=True, kw_only=True)
class PaymentSnapshot:
    """A payment intent, its latest charge with the balance transaction, and the invoice it pays."""

    id: str
    status: str
    amount: Money
    created_at: datetime
    customer_id: str | None
    customer_address: str | None = field(repr=False)
    pledge_id: UUID | None
    charge_id: str | None
    paid_at: datetime | None
    method: str | None
    last4: str | None
    failure_code: str | None
    decline_code: str | None
    """Why the bank said no, finer than `failure_code`."""
    receipt_number: str | None
    """Our receipt's number, as kept in its metadata."""
    amount_refunded: Money
    balance: BalanceSnapshot | None
    invoice: InvoiceSnapshot | None
    tried_at: datetime | None = None
    """When the bank was last asked, whatever it said; null where it was not asked yet."""


@dataclass(frozen=True, kw_only=True)
class RefundSnapshot:
    """A refund, with the balance transactions of its going out and, if it failed, its coming back."""

    id: str
    status: str
    reason: str | None
    note_number: str | None
    """Our credit note's number, as kept in its metadata."""
    amount: Money
    payment_intent_id: str | None
    created_at: datetime
    balance: BalanceSnapshot | None
    failure_balance: BalanceSnapshot | None


@dataclass(frozen=True, kw_only=True)
class CustomerSnapshot:
    """A customer, or the fact that it was deleted."""

    id: str
    deleted: bool
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class EndpointSnapshot:
    """A webhook endpoint as Stripe has it."""

    enabled: bool
    api_version: str | None
