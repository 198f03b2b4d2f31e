"""Issues receipts until there are enough: `python -m tests.faults.receipt_writer DATABASE_URL COUNT`.

One of several processes that the test kills as it pleases.
"""

import sys
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

import app.schema
from app.billing.models import Payment
from app.billing.statuses import PaymentStatus
from app.db import Sessions, create_db_engine, reading, transaction
from app.kernel.ids import new_id, new_member_code
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.receipts.issuing import ReceiptFacts, issue_receipt
from app.receipts.models import ReceiptCounter

ENTITY = "HC"
NOON = datetime(2026, 11, 15, 12, tzinfo=UTC)
TWO_EUROS = Money(200, "eur")


def main() -> int:
    """Issue one receipt after another, each with its payment in one transaction."""
    assert app.schema.metadata.tables  # rows refer to tables of other parts
    url, count = sys.argv[1], int(sys.argv[2])
    sessions = sessionmaker(create_db_engine(url), expire_on_commit=False)
    with transaction(sessions) as session:
        member = Member(code=new_member_code(), language="en", joined_at=NOON, created_at=NOON)
        session.add(member)
    while last_serial(sessions) < count:
        for _ in range(20):
            with transaction(sessions) as session:
                pay_and_acknowledge(session, member)
    return 0


def last_serial(sessions: Sessions) -> int:
    """Return the newest number."""
    with reading(sessions) as session:
        return session.scalar(sa.select(ReceiptCounter.last_serial)) or 0


def pay_and_acknowledge(session: Session, member: Member) -> None:
    """Add a payment and its receipt."""
    payment = Payment(
        stripe_payment_intent_id=f"pi_{new_id().hex}",
        member_id=member.id,
        status=PaymentStatus.succeeded,
        interval=Interval.once,
        amount_minor=TWO_EUROS.minor,
        currency=TWO_EUROS.currency,
        created_at=NOON,
        paid_at=NOON,
        synced_at=NOON,
    )
    session.add(payment)
    session.flush()
    facts = ReceiptFacts(
        payment_id=payment.id,
        member_id=member.id,
        paid_on=NOON.date(),
        language="en",
        amount=TWO_EUROS,
        interval=Interval.once,
        period_start_on=None,
        period_end_on=None,
        legal_entity=ENTITY,
        wording={},
        payment_method=None,
        sealed_name=None,
    )
    issue_receipt(session, facts, now=NOON)


if __name__ == "__main__":
    sys.exit(main())
