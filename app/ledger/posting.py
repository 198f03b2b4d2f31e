"""Writes entries: the only place that inserts into the ledger."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import insert_once
from app.kernel.clock import local_date
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.ledger.models import Entry, EntryKind, Posting
from app.ledger.rules import lines_of


@dataclass(frozen=True, kw_only=True)
class Movement:
    """What one balance transaction moved: `gross` and `fee` signed, in the settled currency."""

    kind: EntryKind
    stripe_balance_transaction_id: str
    occurred_at: datetime
    gross: Money
    fee: Money
    given: Money
    """The same in the currency the reader used, signed as `gross`; as settled where no reader is in it."""
    payment_id: UUID | None
    member_id: UUID | None
    campaign_id: UUID | None


def post_movement(session: Session, movement: Movement, *, zone: ZoneInfo, now: datetime) -> bool:
    """Post a balance transaction to the ledger, once; returns whether this call did it.

    Raises: CurrencyMismatch: fee and gross differ in currency.
    """
    lines = lines_of(movement.kind, gross=movement.gross, fee=movement.fee)
    entry_id = new_id()
    posted = insert_once(
        session,
        Entry,
        {
            "id": entry_id,
            "kind": movement.kind,
            "stripe_balance_transaction_id": movement.stripe_balance_transaction_id,
            "occurred_at": movement.occurred_at,
            "booked_on": local_date(movement.occurred_at, zone),
            "currency": movement.gross.currency,
            "given_minor": movement.given.minor,
            "given_currency": movement.given.currency,
            "payment_id": movement.payment_id,
            "member_id": movement.member_id,
            "campaign_id": movement.campaign_id,
            "created_at": now,
        },
    )
    if posted and lines:
        rows = [
            {
                "entry_id": entry_id,
                "position": position,
                "account": line.account,
                "direction": line.direction,
                "amount_minor": line.amount.minor,
                "currency": line.amount.currency,
            }
            for position, line in enumerate(lines, 1)
        ]
        session.execute(sa.insert(Posting), rows)
    return posted
