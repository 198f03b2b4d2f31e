"""Disputes and payouts against Stripe's own, line by line."""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Payout, PayoutLine
from tests.support.compare_state import Comparison, StripeState, at, unlike
from tests.support.simulator import Json


def _disputes(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_dispute_id: (
            row.stripe_charge_id,
            row.stripe_payment_intent_id,
            row.status.value,
            row.reason,
            row.amount_minor,
            row.currency,
            row.evidence_due_at,
            row.withdrawn_at,
            row.returned_at,
        )
        for row in session.scalars(sa.select(Dispute))
    }
    theirs = {
        key: (
            found["charge"],
            found["payment_intent"],
            found["status"],
            found["reason"],
            found["amount"],
            found["currency"],
            at(found["evidence_details"]["due_by"]),
            _moved_at(found, "dispute"),
            _moved_at(found, "dispute_reversal"),
        )
        for key, found in stripe.all("dispute").items()
    }
    yield from unlike("dispute", ours, theirs)


def _moved_at(dispute: Json, category: str) -> datetime | None:
    moves = [one for one in dispute["balance_transactions"] if one["reporting_category"] == category]
    return at(moves[0]["created"]) if moves else None


def _payouts(session: Session, stripe: StripeState) -> Iterable[str]:
    """Every payout, and every line of those that Stripe can tell the lines of."""
    ours = {
        row.stripe_payout_id: (
            row.status.value,
            row.amount_minor,
            row.currency,
            row.arrival_on,
            row.automatic,
            row.failure_code,
            row.stripe_balance_transaction_id,
            row.stripe_failure_balance_transaction_id,
        )
        for row in session.scalars(sa.select(Payout))
    }
    theirs = {
        key: (
            found["status"],
            found["amount"],
            found["currency"],
            datetime.fromtimestamp(found["arrival_date"], UTC).date(),
            found["automatic"],
            found["failure_code"],
            found["balance_transaction"],
            found["failure_balance_transaction"],
        )
        for key, found in stripe.all("payout").items()
    }
    yield from unlike("payout", ours, theirs)
    yield from _payout_lines(session, stripe)


def _payout_lines(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_balance_transaction_id: (
            row.stripe_payout_id,
            row.kind,
            row.stripe_source_id,
            row.gross_minor,
            row.fee_minor,
            row.net_minor,
            row.currency,
            row.occurred_at,
        )
        for row in session.scalars(sa.select(PayoutLine))
    }
    theirs = {
        one["id"]: (
            payout["id"],
            one["reporting_category"],
            one["source"],
            one["amount"],
            one["fee"],
            one["net"],
            one["currency"],
            at(one["created"]),
        )
        for payout in stripe.all("payout").values()
        for one in stripe.made_of(payout)
    }
    yield from unlike("payout line", ours, theirs)


COMPARISONS: tuple[Comparison, ...] = (_disputes, _payouts)
