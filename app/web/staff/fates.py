"""What became of a payment, as a badge, and disputes in the desk's words."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from app.billing.models import Dispute, Payment, Refund
from app.billing.statuses import CAME_BACK, DisputeStatus
from app.projection.dispute import BANK_DEBITS

REASONS = {
    "bank_cannot_process": "The bank could not process it",
    "check_returned": "A check was returned",
    "credit_not_processed": "A refund was promised and did not come",
    "customer_initiated": "The supporter asked the bank to",
    "debit_not_authorized": "The supporter says they gave no permission",
    "duplicate": "Charged twice",
    "fraudulent": "The holder says it was not them",
    "general": "No particular reason",
    "incorrect_account_details": "The account’s details were wrong",
    "insufficient_funds": "Not enough money on the account",
    "noncompliant": "Against the card network’s rules",
    "product_not_received": "Nothing was received for it",
    "product_unacceptable": "Not what was promised",
    "subscription_canceled": "Charged after support was ended",
    "unrecognized": "The holder does not recognise it",
}
"""https://docs.stripe.com/api/disputes/object#dispute_object-reason"""
STATUSES = {
    DisputeStatus.warning_needs_response: "Inquiry: wants an answer",
    DisputeStatus.warning_under_review: "Inquiry: the bank is looking at the answer",
    DisputeStatus.warning_closed: "Inquiry closed; the money stayed",
    DisputeStatus.needs_response: "Wants an answer",
    DisputeStatus.under_review: "The bank is looking at the answer",
    DisputeStatus.appeal_needs_response: "Appeal: wants an answer",
    DisputeStatus.appeal_under_review: "Appeal: the bank is looking at it",
    DisputeStatus.won: "Won: the money came back",
    DisputeStatus.lost: "Lost: the money is gone",
    DisputeStatus.prevented: "Prevented",
}


class Fate(StrEnum):
    """What became of a payment that came in."""

    inquiry = "inquiry"
    """The bank asks; the money has stayed."""
    disputed = "disputed"
    won = "won"
    lost = "lost"
    returned = "returned"
    """A bank debit that the bank returned."""
    refunded = "refunded"
    refunded_in_part = "refunded_in_part"


_BY_STATUS = {
    DisputeStatus.warning_needs_response: Fate.inquiry,
    DisputeStatus.warning_under_review: Fate.inquiry,
    DisputeStatus.needs_response: Fate.disputed,
    DisputeStatus.under_review: Fate.disputed,
    DisputeStatus.appeal_needs_response: Fate.disputed,
    DisputeStatus.appeal_under_review: Fate.disputed,
    DisputeStatus.won: Fate.won,
    DisputeStatus.lost: Fate.lost,
}


def fates_of(payment: Payment, refunds: Iterable[Refund], disputes: Sequence[Dispute]) -> list[Fate]:
    """Return what became of a payment: by its newest dispute, and by what was given back.

    Args: refunds, disputes: of this payment; disputes the newest first.
    """
    of_dispute = _of_dispute(payment, disputes[0]) if disputes else None
    rows = sum(refund.amount_minor for refund in refunds if refund.status not in CAME_BACK)
    given_back = max(rows, payment.amount_refunded_minor)
    of_refunds = None
    if given_back:
        of_refunds = Fate.refunded if given_back >= payment.amount_minor else Fate.refunded_in_part
    return [fate for fate in (of_dispute, of_refunds) if fate]


def _of_dispute(payment: Payment, dispute: Dispute) -> Fate | None:
    fate = _BY_STATUS.get(dispute.status)
    taken = dispute.withdrawn_at is not None and dispute.returned_at is None
    if taken and payment.method in BANK_DEBITS and fate in (Fate.disputed, Fate.lost):
        return Fate.returned
    return fate


def reason_in_words(reason: str | None) -> str:
    """Return why a bank took a payment back; for a reason we do not know, Stripe's word made readable."""
    return REASONS.get(reason, reason.replace("_", " ").capitalize()) if reason else "–"


def status_in_words(status: DisputeStatus) -> str:
    """Return how a dispute stands."""
    return STATUSES[status]
