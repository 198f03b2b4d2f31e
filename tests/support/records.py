"""Rows that other rows need: a member, and a payment they made."""

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.billing.statuses import PaymentStatus
from app.db import save_row
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.members import get_or_add_member
from app.receipts.issuing import ReceiptFacts

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def add_member(session: Session, person_id: UUID | None = None) -> UUID:
    """Add a member; without a person, one whom nobody knows. Returns: the member's id."""
    return get_or_add_member(session, person_id, language="en", joined_at=NOW, now=NOW).id


def add_payment(session: Session, member_id: UUID) -> UUID:
    """Add a paid payment of two euros. Returns: the payment's id."""
    values = {
        "stripe_payment_intent_id": f"pi_{new_id().hex}",
        "member_id": member_id,
        "status": PaymentStatus.succeeded,
        "interval": Interval.month,
        "amount_minor": 200,
        "currency": "eur",
        "amount_refunded_minor": 0,
        "created_at": NOW,
        "paid_at": NOW,
        "synced_at": NOW,
    }
    return save_row(session, Payment, "stripe_payment_intent_id", values)


def receipt_facts(
    payment_id: UUID,
    member_id: UUID,
    *,
    legal_entity: str = "HC",
    year: int = 2026,
    name: bytes | None = None,
) -> ReceiptFacts:
    """Return what a receipt of that payment prints."""
    return ReceiptFacts(
        payment_id=payment_id,
        member_id=member_id,
        paid_on=date(year, 11, 3),
        language="en",
        amount=Money(200, "eur"),
        interval=Interval.month,
        period_start_on=date(year, 11, 3),
        period_end_on=date(year, 12, 2),
        legal_entity=legal_entity,
        wording={"entity_name": "Harbour Courier Foundation gGmbH"},
        payment_method="visa 4242",
        sealed_name=name,
    )
