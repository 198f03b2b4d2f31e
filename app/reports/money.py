"""Money in, from the ledger alone, in the currencies Stripe settled.

Amounts of different currencies are never added up: every row is of one currency.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.ledger.models import Account, Direction, Entry, EntryKind, Posting

FIGURES = ("payments", "gross", "fees", "refunds", "disputes", "dispute_fees", "other", "net")


@dataclass(frozen=True, kw_only=True)
class Takings:
    """What came in over some days in one currency, in its minor units.

    `gross - fees - refunds - disputes - dispute_fees - other == net`, because every entry balances.
    """

    currency: str
    payments: int
    """Payments booked; refunds are not counted."""
    gross: int
    """What readers gave, before anything was taken off: `contributions`, credit less debit."""
    fees: int
    """What Stripe kept: `processing_fees`, debit less credit."""
    refunds: int
    """What was given back: `refunds`, debit less credit."""
    disputes: int
    """What banks took back, less what they returned: `disputes`, debit less credit."""
    dispute_fees: int
    """What Stripe kept for disputes: `dispute_fees`, debit less credit."""
    other: int
    """What Stripe charged or moved apart from any payment: `stripe_fees` and `adjustments`."""
    net: int
    """What is left for the newsroom: what `stripe_balance` and `bank` grew by together.

    Money on its way to the bank is none of it: it was earned before.
    """


@dataclass(frozen=True, kw_only=True)
class MonthRow(Takings):
    """The takings of one month in one currency."""

    month: date
    """The month's first day."""


def takings(session: Session, *, first: date, last: date) -> list[Takings]:
    """Return what was booked from `first` to `last`, both days included, by currency."""
    statement = _sums(first, last).add_columns(Entry.currency).group_by(Entry.currency)
    rows = session.execute(statement.order_by(Entry.currency))
    return [Takings(currency=row.currency, **_figures(row)) for row in rows]


def monthly(session: Session, *, first: date, last: date, currency: str | None = None) -> list[MonthRow]:
    """Return what was booked from `first` to `last`, both days included, by month and currency.

    A month of which only a part lies between the two days holds that part. Months in which
    nothing was booked have no row.
    """
    year, month = sa.extract("year", Entry.booked_on), sa.extract("month", Entry.booked_on)
    keys = (year, month, Entry.currency)
    statement = _sums(first, last).add_columns(year.label("year"), month.label("month"), Entry.currency)
    if currency:
        statement = statement.where(Entry.currency == currency)
    rows = session.execute(statement.group_by(*keys).order_by(*keys))
    return [
        MonthRow(month=date(int(row.year), int(row.month), 1), currency=row.currency, **_figures(row))
        for row in rows
    ]


def kept_by_member(
    session: Session, member_ids: Iterable[UUID], *, stand_ins: Mapping[UUID, UUID] | None = None
) -> dict[UUID, list[Money]]:
    """Return what each member gave in all, less what went back, before fees, by currency.

    Args: stand_ins: further records, each with the member it turned out to be: the books keep their ids.
    """
    same_as = {one: one for one in member_ids} | dict(stand_ins or {})
    kept = _credit_less_debit(Account.contributions, Account.refunds, Account.disputes)
    keys = (Entry.member_id, Entry.currency)
    statement = (
        sa.select(*keys, kept.label("kept"))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Entry.member_id.in_(list(same_as)))
        .group_by(*keys)
        .order_by(*keys)
    )
    sums: dict[tuple[UUID, str], int] = defaultdict(int)
    for row in session.execute(statement):
        sums[same_as[row.member_id], row.currency] += int(row.kept)
    found: dict[UUID, list[Money]] = defaultdict(list)
    for (member_id, currency), minor in sorted(sums.items(), key=lambda one: one[0][1]):
        found[member_id].append(Money(minor, currency))
    return dict(found)


def net_by_payment(session: Session, member_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """Return what is left of each of a member's payments: less fees, refunds, disputes and their fees."""
    left = -_credit_less_debit(Account.stripe_balance)
    statement = (
        sa.select(Entry.payment_id, Entry.currency, left.label("left"))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Entry.member_id.in_(list(member_ids)), Entry.payment_id.is_not(None))
        .group_by(Entry.payment_id, Entry.currency)
    )
    return {row.payment_id: Money(int(row.left), row.currency) for row in session.execute(statement)}


def list_currencies(session: Session) -> list[str]:
    """Return every currency the ledger has seen, in alphabetical order."""
    return list(session.scalars(sa.select(Entry.currency).distinct().order_by(Entry.currency)))


def _sums(first: date, last: date) -> sa.Select[*tuple[Any, ...]]:
    payments = sa.case((Entry.kind == EntryKind.payment, Entry.id), else_=None)
    return (
        sa.select(
            sa.func.count(sa.distinct(payments)).label("payments"),
            _credit_less_debit(Account.contributions).label("gross"),
            (-_credit_less_debit(Account.processing_fees)).label("fees"),
            (-_credit_less_debit(Account.refunds)).label("refunds"),
            (-_credit_less_debit(Account.disputes)).label("disputes"),
            (-_credit_less_debit(Account.dispute_fees)).label("dispute_fees"),
            (-_credit_less_debit(Account.stripe_fees, Account.adjustments)).label("other"),
            (-_credit_less_debit(Account.stripe_balance, Account.bank)).label("net"),
        )
        .join_from(Entry, Posting, Posting.entry_id == Entry.id)
        .where(Entry.booked_on.between(first, last))
    )


def _credit_less_debit(*accounts: Account) -> sa.ColumnElement[int]:
    signed = sa.case(
        (Posting.direction == Direction.credit, Posting.amount_minor), else_=-Posting.amount_minor
    )
    return sa.func.coalesce(sa.func.sum(sa.case((Posting.account.in_(accounts), signed), else_=0)), 0)


def _figures(row: sa.Row[Any]) -> dict[str, int]:
    return {name: int(getattr(row, name)) for name in FIGURES}
