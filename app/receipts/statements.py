"""All gifts of a year, each with what of it went back: the rules and the reading of yearly statements."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.receipts.models import CreditNote, NoteKind, Receipt, ReceiptNote
from app.receipts.queries import list_credit_notes, list_notes

JANUARY = 1
_SIGNS = {
    NoteKind.disputed: 1,
    NoteKind.debit_returned: 1,
    NoteKind.dispute_won: -1,
    NoteKind.refund_failed: -1,
    NoteKind.dispute_lost: 0,
}
"""Which notes tell of money that went back, and which of money that returned."""


@dataclass(frozen=True, kw_only=True)
class YearlyGift:
    """One receipt of the year; `back` is what has gone back of it by now, in whichever year that was."""

    number: str
    paid_on: date
    interval: Interval
    period_start_on: date | None
    period_end_on: date | None
    given: Money
    back: Money

    @property
    def kept(self) -> Money:
        """What is left of the gift."""
        return self.given - self.back


@dataclass(frozen=True, kw_only=True)
class YearlyTotal:
    """The sums of one currency."""

    given: Money
    back: Money

    @property
    def kept(self) -> Money:
        """What is left of all gifts."""
        return self.given - self.back


def year_of(day: date, *, first_month: int) -> int:
    """Return the year in which the statement year of a day begins."""
    return day.year if day.month >= first_month else day.year - 1


def days_of(year: int, *, first_month: int) -> tuple[date, date]:
    """Return the first and the last day of a statement year."""
    return date(year, first_month, 1), date(year + 1, first_month, 1) - timedelta(days=1)


def name_of(year: int, *, first_month: int) -> str:
    """Return `2026`, or `2026/27` where the year does not begin in January."""
    return str(year) if first_month == JANUARY else f"{year}/{(year + 1) % 100:02d}"


def list_years(session: Session, member_ids: Collection[UUID], *, first_month: int) -> list[int]:
    """Return the statement years in which a member has receipts, newest first."""
    days = session.scalars(sa.select(Receipt.paid_on).where(Receipt.member_id.in_(member_ids)).distinct())
    return sorted({year_of(day, first_month=first_month) for day in days}, reverse=True)


def list_gifts(session: Session, member_ids: Collection[UUID], first: date, last: date) -> list[YearlyGift]:
    """Return a member's gifts of these days, oldest first, by three queries."""
    of_the_year = sa.select(Receipt).where(
        Receipt.member_id.in_(member_ids), Receipt.paid_on >= first, Receipt.paid_on <= last
    )
    receipts = session.scalars(of_the_year.order_by(Receipt.paid_on, Receipt.serial)).all()
    ids = [receipt.id for receipt in receipts]
    notes, remarks = list_credit_notes(session, ids), list_notes(session, ids)
    back = went_back(notes, remarks)
    return [_gift(receipt, back[receipt.id]) for receipt in receipts]


def went_back(notes: Sequence[CreditNote], remarks: Sequence[ReceiptNote]) -> dict[UUID, int]:
    """Return how much of each receipt's payment is gone, in minor units."""
    gone: dict[UUID, int] = defaultdict(int)
    for note in notes:
        gone[note.receipt_id] += note.amount_minor
    for remark in remarks:
        gone[remark.receipt_id] += _SIGNS[remark.kind] * remark.amount_minor
    return gone


def totals(gifts: Sequence[YearlyGift]) -> list[YearlyTotal]:
    """Return the sums by currency, the currency given most often first."""
    by_currency: dict[str, list[YearlyGift]] = defaultdict(list)
    for gift in gifts:
        by_currency[gift.given.currency].append(gift)
    ordered = sorted(by_currency.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        YearlyTotal(
            given=Money(sum(gift.given.minor for gift in theirs), currency),
            back=Money(sum(gift.back.minor for gift in theirs), currency),
        )
        for currency, theirs in ordered
    ]


def _gift(receipt: Receipt, gone: int) -> YearlyGift:
    return YearlyGift(
        number=receipt.number,
        paid_on=receipt.paid_on,
        interval=receipt.interval,
        period_start_on=receipt.period_start_on,
        period_end_on=receipt.period_end_on,
        given=Money(receipt.amount_minor, receipt.currency),
        back=Money(min(max(gone, 0), receipt.amount_minor), receipt.currency),
    )
