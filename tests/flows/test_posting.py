"""One balance transaction makes one balanced entry, which nothing changes afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db import Sessions, reading, transaction
from app.kernel.money import CurrencyMismatch, Money
from app.ledger.models import Account, Direction, Entry, EntryKind, Posting
from app.ledger.posting import Movement, post_movement
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW

BERLIN = ZoneInfo("Europe/Berlin")
CHARGE = Movement(
    kind=EntryKind.payment,
    stripe_balance_transaction_id="txn_1",
    occurred_at=NOW,
    gross=Money(1500, "usd"),
    fee=Money(74, "usd"),
    given=Money(1400, "eur"),
    payment_id=None,
    member_id=None,
    campaign_id=None,
)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


def post(sessions: Sessions, movement: Movement) -> bool:
    with transaction(sessions) as session:
        return post_movement(session, movement, zone=BERLIN, now=NOW)


def lines(sessions: Sessions) -> list[tuple[Account, Direction, int, str]]:
    with reading(sessions) as session:
        rows = session.scalars(sa.select(Posting).order_by(Posting.entry_id, Posting.position))
        return [(row.account, row.direction, row.amount_minor, row.currency) for row in rows]


def test_a_charge_is_posted_with_its_fee(sessions: Sessions) -> None:
    assert post(sessions, CHARGE)

    assert lines(sessions) == [
        (Account.stripe_balance, Direction.debit, 1426, "usd"),
        (Account.processing_fees, Direction.debit, 74, "usd"),
        (Account.contributions, Direction.credit, 1500, "usd"),
    ]
    with reading(sessions) as session:
        entry = session.scalars(sa.select(Entry)).one()
    assert (entry.currency, entry.given_minor, entry.given_currency) == ("usd", 1400, "eur")


def test_a_second_posting_of_a_balance_transaction_posts_nothing(sessions: Sessions) -> None:
    post(sessions, CHARGE)

    assert not post(sessions, replace(CHARGE, gross=Money(9999, "usd")))

    assert len(lines(sessions)) == 3


def test_of_many_who_post_it_at_once_one_does(sessions: Sessions) -> None:
    posted = all_at_once(8, lambda _: post(sessions, CHARGE))

    assert sorted(posted) == [False] * 7 + [True]
    assert len(lines(sessions)) == 3


def test_an_entry_is_booked_on_the_newsrooms_day(sessions: Sessions) -> None:
    post(sessions, replace(CHARGE, occurred_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC)))

    with reading(sessions) as session:
        assert session.scalars(sa.select(Entry.booked_on)).one() == date(2027, 1, 1)


def test_a_fee_in_another_currency_posts_nothing(sessions: Sessions) -> None:
    with pytest.raises(CurrencyMismatch):
        post(sessions, replace(CHARGE, fee=Money(74, "eur")))

    assert lines(sessions) == []


def test_amounts_beyond_32_bits_are_kept(sessions: Sessions) -> None:
    post(sessions, replace(CHARGE, gross=Money(10**14, "usd"), given=Money(10**14, "usd")))

    assert (Account.contributions, Direction.credit, 10**14, "usd") in lines(sessions)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**6), 10**6)), max_size=5))
def test_the_books_balance_after_any_movements(sessions: Sessions, moves: list[tuple[int, int]]) -> None:
    for gross, fee in moves:
        movement = replace(
            CHARGE, gross=Money(gross, "usd"), fee=Money(fee, "usd"), given=Money(gross, "eur")
        )
        post(sessions, replace(movement, stripe_balance_transaction_id=f"txn_{gross}_{fee}"))

    debit = sa.case((Posting.direction == Direction.debit, Posting.amount_minor), else_=-Posting.amount_minor)
    unbalanced = sa.select(Posting.entry_id).group_by(Posting.entry_id).having(sa.func.sum(debit) != 0)
    with reading(sessions) as session:
        assert list(session.scalars(unbalanced)) == []


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_postings"])
@pytest.mark.parametrize("change", ["UPDATE {} SET currency = 'eur'", "DELETE FROM {}"])
def test_the_books_refuse_every_change(sessions: Sessions, table: str, change: str) -> None:
    post(sessions, CHARGE)
    before = lines(sessions)

    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), transaction(sessions) as session:
        session.execute(sa.text(change.format(table)))

    assert lines(sessions) == before


@pytest.mark.parametrize(
    "tables", ["ledger_postings", "ledger_entries CASCADE", "ledger_postings, ledger_entries"]
)
def test_postgresql_refuses_to_empty_the_books(sessions: Sessions, tables: str) -> None:
    post(sessions, CHARGE)
    with reading(sessions) as session:
        if session.get_bind().dialect.name == "sqlite":
            return  # has no TRUNCATE

    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), transaction(sessions) as session:
        session.execute(sa.text(f"TRUNCATE {tables}"))

    assert len(lines(sessions)) == 3


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_a_posting_is_positive(sessions: Sessions, amount_minor: int) -> None:
    post(sessions, CHARGE)
    with reading(sessions) as session:
        entry_id = session.scalars(sa.select(Entry.id)).one()
    row = {"entry_id": entry_id, "position": 9, "account": Account.refunds, "direction": Direction.debit}

    with pytest.raises(sa.exc.IntegrityError), transaction(sessions) as session:
        session.execute(sa.insert(Posting).values(**row, amount_minor=amount_minor, currency="usd"))
