"""Every balance transaction becomes a balanced entry, whatever its signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import CurrencyMismatch, Money
from app.ledger.models import Account, Direction, EntryKind
from app.ledger.rules import EntryUnbalanced, Line, check_balanced, kind_of, lines_of, signed_minor

DEBIT, CREDIT = Direction.debit, Direction.credit
amounts = st.integers(-(10**12), 10**12)


def simply(lines: list[Line]) -> list[tuple[Account, Direction, int]]:
    return [(line.account, line.direction, line.amount.minor) for line in lines]


def usd(minor: int) -> Money:
    return Money(minor, "usd")


def test_a_charge_of_1500_with_a_fee_of_74_moves_the_balance_by_1426() -> None:
    lines = lines_of(EntryKind.payment, gross=usd(1500), fee=usd(74))

    assert simply(lines) == [
        (Account.stripe_balance, DEBIT, 1426),
        (Account.processing_fees, DEBIT, 74),
        (Account.contributions, CREDIT, 1500),
    ]


def test_a_refund_falls_on_the_other_sides_and_keeps_the_fee() -> None:
    lines = lines_of(EntryKind.refund, gross=usd(-1500), fee=usd(0))

    assert simply(lines) == [(Account.stripe_balance, CREDIT, 1500), (Account.refunds, DEBIT, 1500)]


def test_a_fee_that_comes_back_with_a_refund_is_credited() -> None:
    lines = lines_of(EntryKind.refund, gross=usd(-1500), fee=usd(-74))

    assert simply(lines) == [
        (Account.stripe_balance, CREDIT, 1426),
        (Account.processing_fees, CREDIT, 74),
        (Account.refunds, DEBIT, 1500),
    ]


def test_a_refund_that_the_bank_sent_back_undoes_the_refund() -> None:
    lines = lines_of(EntryKind.refund_failure, gross=usd(1500), fee=usd(0))

    assert simply(lines) == [(Account.stripe_balance, DEBIT, 1500), (Account.refunds, CREDIT, 1500)]


def test_a_fee_larger_than_the_gift_leaves_the_balance_poorer() -> None:
    lines = lines_of(EntryKind.payment, gross=usd(20), fee=usd(30))

    assert simply(lines)[0] == (Account.stripe_balance, CREDIT, 10)


def test_a_dispute_takes_the_payment_and_a_fee_to_accounts_of_their_own() -> None:
    lines = lines_of(EntryKind.dispute, gross=usd(-1500), fee=usd(2000))

    assert simply(lines) == [
        (Account.stripe_balance, CREDIT, 3500),
        (Account.dispute_fees, DEBIT, 2000),
        (Account.disputes, DEBIT, 1500),
    ]


def test_a_dispute_that_is_won_brings_both_back_where_stripe_returns_its_fee() -> None:
    lines = lines_of(EntryKind.dispute_reversal, gross=usd(1500), fee=usd(-2000))

    assert simply(lines) == [
        (Account.stripe_balance, DEBIT, 3500),
        (Account.dispute_fees, CREDIT, 2000),
        (Account.disputes, CREDIT, 1500),
    ]


def test_a_payout_goes_to_the_bank_and_one_that_fails_comes_back() -> None:
    gone = lines_of(EntryKind.payout, gross=usd(-900), fee=usd(0))
    back = lines_of(EntryKind.payout_failure, gross=usd(900), fee=usd(0))

    assert simply(gone) == [(Account.stripe_balance, CREDIT, 900), (Account.bank, DEBIT, 900)]
    assert simply(back) == [(Account.stripe_balance, DEBIT, 900), (Account.bank, CREDIT, 900)]


def test_the_fee_of_an_instant_payout_is_none_of_a_payment() -> None:
    lines = lines_of(EntryKind.payout, gross=usd(-900), fee=usd(9))

    assert simply(lines) == [
        (Account.stripe_balance, CREDIT, 909),
        (Account.stripe_fees, DEBIT, 9),
        (Account.bank, DEBIT, 900),
    ]


def test_a_fee_by_itself_is_one_line_even_where_it_bears_another() -> None:
    lines = lines_of(EntryKind.stripe_fee, gross=usd(-700), fee=usd(50))

    assert simply(lines) == [(Account.stripe_balance, CREDIT, 750), (Account.stripe_fees, DEBIT, 750)]


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("charge", EntryKind.payment),
        ("charge_failure", EntryKind.dispute),
        ("refund", EntryKind.refund),
        ("refund_failure", EntryKind.refund_failure),
        ("dispute", EntryKind.dispute),
        ("dispute_reversal", EntryKind.dispute_reversal),
        ("payout", EntryKind.payout),
        ("payout_reversal", EntryKind.payout_failure),
        ("fee", EntryKind.stripe_fee),
        ("network_cost", EntryKind.stripe_fee),
        ("tax", EntryKind.stripe_fee),
        ("topup", EntryKind.adjustment),
        ("other_adjustment", EntryKind.adjustment),
        ("invented_tomorrow", EntryKind.adjustment),
        ("", EntryKind.adjustment),
    ],
)
def test_stripes_category_says_what_is_recorded_and_what_we_do_not_know_is_an_adjustment(
    category: str, kind: EntryKind
) -> None:
    assert kind_of(category) is kind


FEES = {
    EntryKind.payment: Account.processing_fees,
    EntryKind.refund: Account.processing_fees,
    EntryKind.refund_failure: Account.processing_fees,
    EntryKind.dispute: Account.dispute_fees,
    EntryKind.dispute_reversal: Account.dispute_fees,
    EntryKind.payout: Account.stripe_fees,
    EntryKind.payout_failure: Account.stripe_fees,
    EntryKind.stripe_fee: Account.stripe_fees,
    EntryKind.adjustment: Account.stripe_fees,
}
AGAINST = {
    EntryKind.payment: Account.contributions,
    EntryKind.refund: Account.refunds,
    EntryKind.refund_failure: Account.refunds,
    EntryKind.dispute: Account.disputes,
    EntryKind.dispute_reversal: Account.disputes,
    EntryKind.payout: Account.bank,
    EntryKind.payout_failure: Account.bank,
    EntryKind.stripe_fee: Account.stripe_fees,
    EntryKind.adjustment: Account.adjustments,
}


@given(st.sampled_from(EntryKind), amounts, amounts)
def test_debits_equal_credits_for_any_kind_gross_and_fee(kind: EntryKind, gross: int, fee: int) -> None:
    lines = lines_of(kind, gross=usd(gross), fee=usd(fee))

    assert sum(signed_minor(line) for line in lines) == 0
    assert all(line.amount.minor > 0 for line in lines)
    assert len({line.account for line in lines}) == len(lines)
    expected: dict[Account, int] = {Account.stripe_balance: gross - fee}
    expected[FEES[kind]] = fee
    expected[AGAINST[kind]] = expected.get(AGAINST[kind], 0) - gross
    moved = {line.account: signed_minor(line) for line in lines}
    assert moved == {account: minor for account, minor in expected.items() if minor}


def test_nothing_moved_is_no_line() -> None:
    assert lines_of(EntryKind.payment, gross=usd(0), fee=usd(0)) == []


def test_a_fee_in_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        lines_of(EntryKind.payment, gross=usd(1500), fee=Money(74, "eur"))


def test_an_entry_out_of_balance_is_refused() -> None:
    lines = lines_of(EntryKind.payment, gross=usd(1500), fee=usd(74))

    with pytest.raises(EntryUnbalanced, match=r"^debits and credits differ$"):
        check_balanced(lines[:-1])


def test_an_entry_of_two_currencies_is_refused_even_where_its_numbers_agree() -> None:
    lines = [
        Line(account=Account.stripe_balance, direction=DEBIT, amount=usd(100)),
        Line(account=Account.contributions, direction=CREDIT, amount=Money(100, "eur")),
    ]

    with pytest.raises(CurrencyMismatch, match=r"^an entry has one currency$"):
        check_balanced(lines)
