"""Dates the mails of the past.

The product writes every mail by its own clock, which tells today while the local Stripe's tells of last
winter; among the mails of the demo a year would look like one busy afternoon.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from app.demo.mailbox.store import Store

_PAID = """
    SELECT outbox_mails.id, billing_payments.paid_at
    FROM outbox_mails
    JOIN receipts ON receipts.id = outbox_mails.receipt_id
    JOIN billing_payments ON billing_payments.id = receipts.payment_id
"""


def date_mails(store: Store, database: Path) -> None:
    """Give each mail the instant of the payment it thanks for, and bring them all into that order."""
    paid = _payments(database)
    store.date(lambda mail: paid.get(mail.header("Message-ID").strip("<>").partition("@")[0]))


def _payments(database: Path) -> dict[str, datetime]:
    """Return when each mail's payment was made, by the left half of the mail's Message-ID."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        rows = connection.execute(_PAID).fetchall()
    finally:
        connection.close()
    return {str(UUID(mail_id)): datetime.fromisoformat(at).replace(tzinfo=UTC) for mail_id, at in rows}
