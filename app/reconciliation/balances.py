"""Whether our books and Stripe's balance agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.reconciliation.models import BalanceCheck


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What both say of one currency, in its minor units."""

    currency: str
    ours_minor: int
    theirs_minor: int

    @property
    def difference_minor(self) -> int:
        """What our books have more than Stripe."""
        return self.ours_minor - self.theirs_minor


def balances_of(ours: dict[str, int], theirs: dict[str, int]) -> list[Balance]:
    """Return both sides by currency."""
    return [
        Balance(currency=currency, ours_minor=ours.get(currency, 0), theirs_minor=theirs.get(currency, 0))
        for currency in sorted(ours.keys() | theirs.keys())
    ]


def replace_balances(session: Session, balances: Iterable[Balance], *, now: datetime) -> None:
    """Remember what both said last."""
    session.execute(sa.delete(BalanceCheck))
    rows = [
        {
            "currency": one.currency,
            "ours_minor": one.ours_minor,
            "theirs_minor": one.theirs_minor,
            "checked_at": now,
        }
        for one in balances
    ]
    if rows:
        session.execute(sa.insert(BalanceCheck), rows)


def list_balances(session: Session) -> list[BalanceCheck]:
    """Return what both said last, by currency."""
    return list(session.scalars(sa.select(BalanceCheck).order_by(BalanceCheck.currency)))
