"""The money report against an independent fold over the raw postings."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.db import create_db_engine
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.ledger.models import Account, Direction, Entry, EntryKind, Posting
from app.reports.money import Takings, kept_by_member, list_currencies, monthly, takings

FIRST, LAST = date(2025, 11, 20), date(2026, 3, 10)
MEMBERS = [new_id() for _ in range(3)]
_numbers = count(1)

Line = tuple[Account, Direction, int]


@st.composite
def balanced_entries(draw: st.DrawFn) -> dict[str, Any]:
    """An entry of any accounts that balances: each amount stands once on either side."""
    lines: list[Line] = []
    for amount in draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=3)):
        lines.append((draw(st.sampled_from(Account)), Direction.debit, amount))
        lines.append((draw(st.sampled_from(Account)), Direction.credit, amount))
    return {
        "kind": draw(st.sampled_from(EntryKind)),
        "booked_on": draw(st.dates(FIRST, LAST)),
        "currency": draw(st.sampled_from(["eur", "jpy", "kwd"])),
        "member_id": draw(st.sampled_from([*MEMBERS, None])),
        "lines": lines,
    }


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_db_engine(database_url)
    with Session(engine) as opened:
        yield opened
        opened.rollback()
    engine.dispose()


@settings(max_examples=40)
@given(
    entries=st.lists(balanced_entries(), max_size=25),
    days=st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)).map(sorted),
)
def test_the_report_equals_a_fold_over_the_raw_postings(
    session: Session, entries: list[dict[str, Any]], days: list[date]
) -> None:
    first, last = days
    _insert(session, entries)

    by_month = {(row.month, row.currency): _figures(row) for row in monthly(session, first=first, last=last)}
    in_all = {row.currency: _figures(row) for row in takings(session, first=first, last=last)}
    kept = kept_by_member(session, MEMBERS)
    currencies = list_currencies(session)
    session.rollback()

    booked = [entry for entry in entries if first <= entry["booked_on"] <= last]
    assert by_month == _folded(booked, lambda entry: (entry["booked_on"].replace(day=1), entry["currency"]))
    assert in_all == _folded(booked, lambda entry: entry["currency"])
    assert kept == _kept(entries)
    assert currencies == sorted({entry["currency"] for entry in entries})


def test_a_refund_that_the_bank_sends_back_is_no_longer_given_back(session: Session) -> None:
    day = date(2026, 1, 5)
    refund: list[Line] = [
        (Account.refunds, Direction.debit, 500),
        (Account.stripe_balance, Direction.credit, 500),
    ]
    sent_back: list[Line] = [
        (Account.stripe_balance, Direction.debit, 500),
        (Account.refunds, Direction.credit, 500),
    ]
    common = {"booked_on": day, "currency": "eur", "member_id": None}
    _insert(
        session,
        [
            {**common, "kind": EntryKind.refund, "lines": refund},
            {**common, "kind": EntryKind.refund_failure, "lines": sent_back},
        ],
    )

    [row] = takings(session, first=day, last=day)

    assert (row.payments, row.gross, row.refunds, row.net) == (0, 0, 0, 0)


def test_a_payout_is_not_taken_from_what_was_earned(session: Session) -> None:
    common = {"booked_on": FIRST, "currency": "eur", "member_id": None}
    given_: list[Line] = [
        (Account.stripe_balance, Direction.debit, 500),
        (Account.contributions, Direction.credit, 500),
    ]
    paid_out: list[Line] = [
        (Account.bank, Direction.debit, 500),
        (Account.stripe_balance, Direction.credit, 500),
    ]
    _insert(
        session,
        [
            {**common, "kind": EntryKind.payment, "lines": given_},
            {**common, "kind": EntryKind.payout, "lines": paid_out},
        ],
    )

    [row] = takings(session, first=FIRST, last=FIRST)

    assert (row.payments, row.gross, row.net) == (1, 500, 500)


def test_one_currency_can_be_asked_for_alone(session: Session) -> None:
    lines: list[Line] = [
        (Account.stripe_balance, Direction.debit, 500),
        (Account.contributions, Direction.credit, 500),
    ]
    common = {"kind": EntryKind.payment, "booked_on": FIRST, "member_id": None, "lines": lines}
    _insert(session, [{**common, "currency": "eur"}, {**common, "currency": "jpy"}])

    rows = monthly(session, first=FIRST, last=LAST, currency="jpy")

    assert [(row.currency, row.gross) for row in rows] == [("jpy", 500)]


def _insert(session: Session, entries: list[dict[str, Any]]) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for entry in entries:
        entry_id = new_id()
        session.execute(
            sa.insert(Entry).values(
                id=entry_id,
                kind=entry["kind"],
                stripe_balance_transaction_id=f"txn_{next(_numbers)}",
                occurred_at=at,
                booked_on=entry["booked_on"],
                currency=entry["currency"],
                given_minor=1,
                given_currency=entry["currency"],
                member_id=entry["member_id"],
                created_at=at,
            )
        )
        for position, (account, direction, amount) in enumerate(entry["lines"], 1):
            session.execute(
                sa.insert(Posting).values(
                    entry_id=entry_id,
                    position=position,
                    account=account,
                    direction=direction,
                    amount_minor=amount,
                    currency=entry["currency"],
                )
            )


def _figures(row: Takings) -> tuple[int, ...]:
    """Every figure of a row, which must add up."""
    taken = row.fees + row.refunds + row.disputes + row.dispute_fees + row.other
    assert row.gross - taken == row.net
    figures = (row.payments, row.gross, row.fees, row.refunds, row.disputes, row.dispute_fees, row.other)
    return (*figures, row.net)


def _folded(entries: list[dict[str, Any]], key: Any) -> dict[Any, tuple[int, ...]]:
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return {
        group: (
            sum(entry["kind"] is EntryKind.payment for entry in grouped),
            -_debit_balance(grouped, Account.contributions),
            _debit_balance(grouped, Account.processing_fees),
            _debit_balance(grouped, Account.refunds),
            _debit_balance(grouped, Account.disputes),
            _debit_balance(grouped, Account.dispute_fees),
            _debit_balance(grouped, Account.stripe_fees) + _debit_balance(grouped, Account.adjustments),
            _debit_balance(grouped, Account.stripe_balance) + _debit_balance(grouped, Account.bank),
        )
        for group, grouped in groups.items()
    }


def _kept(entries: list[dict[str, Any]]) -> dict[UUID, list[Money]]:
    found: dict[UUID, list[Money]] = {}
    for member_id in MEMBERS:
        own = [entry for entry in entries if entry["member_id"] == member_id]
        for currency in sorted({entry["currency"] for entry in own}):
            grouped = [entry for entry in own if entry["currency"] == currency]
            of_theirs = (Account.contributions, Account.refunds, Account.disputes)
            kept = -sum(_debit_balance(grouped, account) for account in of_theirs)
            found.setdefault(member_id, []).append(Money(kept, currency))
    return found


def _debit_balance(entries: list[dict[str, Any]], account: Account) -> int:
    balance = 0
    for entry in entries:
        for line_account, direction, amount in entry["lines"]:
            if line_account is account:
                balance += amount if direction is Direction.debit else -amount
    return balance
