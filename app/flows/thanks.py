"""The truth about a Checkout session, at once, whether or not its webhook has come."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.kernel.intervals import Interval
from app.kernel.money import Money


class Outcome(StrEnum):
    """Where the reader stands."""

    paid = "paid"
    processing = "processing"
    """Finished at Stripe, and the money is on its way or we could not yet see it."""
    not_paid = "not_paid"
    """Not finished; the resume link goes on."""


@dataclass(frozen=True, kw_only=True)
class ThanksPicture:
    """All that the thanks page says."""

    outcome: Outcome
    amount: Money
    interval: Interval
    language: str
    resume_key: str
    member_code: str | None = None
    paid_on: date | None = None
    next_charge_on: date | None = None
    """For what recurs: the day of the next charge, in the newsroom's time zone."""
    receipt_id: UUID | None = None
    receipt_number: str | None = None
