"""Payouts as the newsroom's bank statement shows them, and all that each is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payout, PayoutLine
from app.billing.statuses import PayoutStatus
from app.ledger.models import Account, Direction, Entry, Posting
from app.members.models import Member
from app.receipts.models import CreditNote, Receipt


class Match(StrEnum):
    """Whether a payout is what its lines and the books say."""

    matched = "matched"
    """Its lines add up to it, and each is in the books, to the cent."""
    differs = "differs"
    """A line is not in the books, or not with its amount, or the lines do not add up."""
    waits = "waits"
    """Stripe has not listed yet what it is made of."""
    by_hand = "by_hand"
    """Made by hand: Stripe never says what it is made of."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One payout, and what it is made of in numbers."""

    id: UUID
    stripe_id: str
    arrival_on: date
    amount_minor: int
    currency: str
    status: PayoutStatus
    failure_code: str | None
    payments: int
    refunds: int
    disputes: int
    fees: int
    """Fees apart from any payment, and all else that Stripe moved."""
    match: Match


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One balance transaction in a payout, with whose it was where our books know."""

    transaction_id: str
    occurred_at: datetime
    kind: str
    """Stripe's `reporting_category`."""
    member_code: str | None
    receipt_id: UUID | None
    receipt_number: str | None
    credit_note_number: str | None
    gross_minor: int
    fee_minor: int
    net_minor: int
    running_minor: int
    """The sum of this and all lines before it."""
    in_books: bool
    """Whether an entry moved the balance by exactly this."""


_COUNTED = {
    "payments": ("charge", "charge_failure"),
    "refunds": ("refund", "refund_failure"),
    "disputes": ("dispute", "dispute_reversal"),
}


def list_statements(session: Session, *, before: UUID | None, limit: int) -> list[Statement]:
    """Return payouts by the day of their arrival, newest first, by one query however many they are.

    Args: before: the last payout of the page before.
    """
    statement = _select_statements().order_by(Payout.arrival_on.desc(), Payout.id.desc()).limit(limit)
    last = session.get(Payout, before) if before else None
    if last:
        place = sa.tuple_(Payout.arrival_on, Payout.id)
        statement = statement.where(place < sa.tuple_(sa.literal(last.arrival_on), sa.literal(last.id)))
    return [_statement(row) for row in session.execute(statement)]


def find_statement(session: Session, stripe_payout_id: str) -> Statement | None:
    """Return one payout by Stripe's id."""
    row = session.execute(
        _select_statements().where(Payout.stripe_payout_id == stripe_payout_id)
    ).one_or_none()
    return _statement(row) if row else None


def list_statement_lines(session: Session, stripe_payout_id: str) -> list[StatementLine]:
    """Return what a payout is made of, oldest first, by one query however long it is."""
    moved = _moved_balance()
    statement = (
        sa.select(
            PayoutLine,
            Member.code,
            Receipt.id.label("receipt_id"),
            Receipt.number.label("receipt_number"),
            CreditNote.number.label("credit_note_number"),
            _is_booked(moved).label("in_books"),
        )
        .outerjoin(Entry, Entry.stripe_balance_transaction_id == PayoutLine.stripe_balance_transaction_id)
        .outerjoin(moved, moved.c.entry_id == Entry.id)
        .outerjoin(Member, Member.id == Entry.member_id)
        .outerjoin(Receipt, Receipt.payment_id == Entry.payment_id)
        .outerjoin(CreditNote, CreditNote.stripe_refund_id == PayoutLine.stripe_source_id)
        .where(PayoutLine.stripe_payout_id == stripe_payout_id)
        .order_by(PayoutLine.occurred_at, _payments_first(), PayoutLine.stripe_balance_transaction_id)
    )
    rows: Sequence[sa.Row[*tuple[Any, ...]]] = session.execute(statement).all()
    sums = accumulate(row.PayoutLine.net_minor for row in rows)
    return [_line(row, running) for row, running in zip(rows, sums, strict=True)]


def _payments_first() -> sa.ColumnElement[int]:
    """Stripe counts in whole seconds: what goes back within one stands after what came."""
    return sa.case((PayoutLine.kind == "charge", 0), else_=1)


def _select_statements() -> sa.Select[*tuple[Any, ...]]:
    moved = _moved_balance()
    kinds = [kind for counted in _COUNTED.values() for kind in counted]
    of_lines = (
        sa.select(
            PayoutLine.stripe_payout_id,
            *(_count(PayoutLine.kind.in_(counted)).label(name) for name, counted in _COUNTED.items()),
            _count(PayoutLine.kind.not_in(kinds)).label("fees"),
            sa.func.count().label("lines"),
            _count(_is_booked(moved)).label("booked"),
            sa.func.sum(PayoutLine.net_minor).label("net"),
        )
        .outerjoin(Entry, Entry.stripe_balance_transaction_id == PayoutLine.stripe_balance_transaction_id)
        .outerjoin(moved, moved.c.entry_id == Entry.id)
        .group_by(PayoutLine.stripe_payout_id)
        .subquery()
    )
    return sa.select(Payout, of_lines).outerjoin(
        of_lines, of_lines.c.stripe_payout_id == Payout.stripe_payout_id
    )


def _count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((which, 1), else_=0))


def _moved_balance() -> sa.Subquery:
    """Select by what each entry moved Stripe's balance."""
    signed = sa.case(
        (Posting.direction == Direction.debit, Posting.amount_minor), else_=-Posting.amount_minor
    )
    return (
        sa.select(Posting.entry_id, signed.label("minor"))
        .where(Posting.account == Account.stripe_balance)
        .subquery()
    )


def _is_booked(moved: sa.Subquery) -> sa.ColumnElement[bool]:
    """Whether a line has an entry that moved the balance by just its net; an entry of nothing moves none."""
    same = sa.func.coalesce(moved.c.minor, 0) == PayoutLine.net_minor
    return sa.and_(Entry.id.is_not(None), same)


def _statement(row: sa.Row[*tuple[Any, ...]]) -> Statement:
    payout: Payout = row.Payout
    counts = {name: int(getattr(row, name) or 0) for name in (*_COUNTED, "fees")}
    return Statement(
        id=payout.id,
        stripe_id=payout.stripe_payout_id,
        arrival_on=payout.arrival_on,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        status=payout.status,
        failure_code=payout.failure_code,
        match=_match(payout, row),
        **counts,
    )


def _match(payout: Payout, row: sa.Row[*tuple[Any, ...]]) -> Match:
    if not payout.automatic:
        return Match.by_hand
    if not row.lines:
        return Match.waits
    agrees = row.booked == row.lines and row.net == payout.amount_minor
    return Match.matched if agrees else Match.differs


def _line(row: sa.Row[*tuple[Any, ...]], running_minor: int) -> StatementLine:
    line: PayoutLine = row.PayoutLine
    return StatementLine(
        transaction_id=line.stripe_balance_transaction_id,
        occurred_at=line.occurred_at,
        kind=line.kind,
        member_code=row.code,
        receipt_id=row.receipt_id,
        receipt_number=row.receipt_number,
        credit_note_number=row.credit_note_number,
        gross_minor=line.gross_minor,
        fee_minor=line.fee_minor,
        net_minor=line.net_minor,
        running_minor=running_minor,
        in_books=bool(row.in_books),
    )
