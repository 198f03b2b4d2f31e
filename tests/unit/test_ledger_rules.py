"""Every balance transaction becomes a balanced entry, whatever its signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import CurrencyMismatch, Money
from app.ledger.models import Account, Direction
from app.ledger.rules import EntryUnbalanced, Line, check_balanced, lines_of, signed_minor

DEBIT, CREDIT = Direction.debit, Direction.credit
amounts = st.integers(-(10**12), 10**12)


def simply(lines: list[Line]) -> list[tuple[Account, Direction, int]]:
    return [(line.account, line.direction, line.amount.minor) for line in lines]


def usd(minor: int) -> Money:
    return Money(minor, "usd")


def test_a_charge_of_1500_with_a_fee_of_74_moves_the_balance_by_1426() -> None:
    lines = lines_of(against=Account.contributions, gross=usd(1500), fee=usd(74))

    assert simply(lines) == [
        (Account.stripe_balance, DEBIT, 1426),
        (Account.processing_fees, DEBIT, 74),
        (Account.contributions, CREDIT, 1500),
    ]


def test_a_refund_falls_on_the_other_sides_and_keeps_the_fee() -> None:
    lines = lines_of(against=Account.refunds, gross=usd(-1500), fee=usd(0))

    assert simply(lines) == [(Account.stripe_balance, CREDIT, 1500), (Account.refunds, DEBIT, 1500)]


def test_a_fee_that_comes_back_with_a_refund_is_credited() -> None:
    lines = lines_of(against=Account.refunds, gross=usd(-1500), fee=usd(-74))

    assert simply(lines) == [
        (Account.stripe_balance, CREDIT, 1426),
        (Account.processing_fees, CREDIT, 74),
        (Account.refunds, DEBIT, 1500),
    ]


def test_a_refund_that_the_bank_sent_back_undoes_the_refund() -> None:
    lines = lines_of(against=Account.refunds, gross=usd(1500), fee=usd(0))

    assert simply(lines) == [(Account.stripe_balance, DEBIT, 1500), (Account.refunds, CREDIT, 1500)]


def test_a_fee_larger_than_the_gift_leaves_the_balance_poorer() -> None:
    lines = lines_of(against=Account.contributions, gross=usd(20), fee=usd(30))

    assert simply(lines)[0] == (Account.stripe_balance, CREDIT, 10)


@given(st.sampled_from([Account.contributions, Account.refunds]), amounts, amounts)
def test_debits_equal_credits_for_any_gross_and_fee(against: Account, gross: int, fee: int) -> None:
    lines = lines_of(against=against, gross=usd(gross), fee=usd(fee))

    assert sum(signed_minor(line) for line in lines) == 0
    assert all(line.amount.minor > 0 for line in lines)
    assert len({line.account for line in lines}) == len(lines)
    by_account = {line.account: signed_minor(line) for line in lines}
    assert by_account.get(Account.stripe_balance, 0) == gross - fee
    assert by_account.get(Account.processing_fees, 0) == fee
    assert by_account.get(against, 0) == -gross


def test_nothing_moved_is_no_line() -> None:
    assert lines_of(against=Account.contributions, gross=usd(0), fee=usd(0)) == []


def test_a_fee_in_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        lines_of(against=Account.contributions, gross=usd(1500), fee=Money(74, "eur"))


def test_an_entry_out_of_balance_is_refused() -> None:
    lines = lines_of(against=Account.contributions, gross=usd(1500), fee=usd(74))

    with pytest.raises(EntryUnbalanced):
        check_balanced(lines[:-1])


def test_an_entry_of_two_currencies_is_refused_even_where_its_numbers_agree() -> None:
    lines = [
        Line(account=Account.stripe_balance, direction=DEBIT, amount=usd(100)),
        Line(account=Account.contributions, direction=CREDIT, amount=Money(100, "eur")),
    ]

    with pytest.raises(CurrencyMismatch):
        check_balanced(lines)
