"""What pictures of payouts leave in our rows, and what single balance transactions leave in the books."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.billing.models import Payment, Payout, PayoutLine
from app.billing.statuses import PayoutStatus
from app.inbox.models import ObjectType
from app.kernel.money import Money
from app.ledger.models import Account, Entry, EntryKind, Posting
from app.ledger.queries import find_posted, sum_by_currency
from app.projection.context import Context
from app.projection.dispute import project_dispute
from app.projection.payout import project_payout
from app.projection.refund import project_refund
from app.projection.transaction import post_transaction
from app.stripe_gateway.snapshots import BalanceSnapshot
from tests.projection.rows import add_member, all_of, only, values
from tests.support import pictures
from tests.support.pictures import BEGUN, DAY, FIVE, NOTHING, NOW

FEE = pictures.balance(
    id="txn_fee",
    category="fee",
    source_id=None,
    gross=Money(-120, "eur"),
    fee=NOTHING,
    created_at=BEGUN + DAY,
)
FAILURE = pictures.balance(
    id="txn_back", category="payout_reversal", source_id="po_1", gross=Money(467, "eur"), fee=NOTHING
)


def test_a_payout_is_kept_as_stripe_shows_it(session: Session, setting: Context) -> None:
    shown = pictures.payout(status="failed", failure_code="account_closed", failure_balance=FAILURE)
    project_payout(session, shown, setting)

    assert values(only(session, Payout)) == {
        "stripe_payout_id": "po_1",
        "status": PayoutStatus.failed,
        "amount_minor": 467,
        "currency": "eur",
        "arrival_on": date(2026, 11, 5),
        "automatic": True,
        "failure_code": "account_closed",
        "stripe_balance_transaction_id": "txn_payout",
        "stripe_failure_balance_transaction_id": "txn_back",
        "created_at": BEGUN + DAY,
        "synced_at": NOW,
    }


def test_a_payout_moves_money_to_the_bank_and_back_where_it_fails(session: Session, setting: Context) -> None:
    project_payout(session, pictures.payout(lines=()), setting)
    at_the_bank = sum_by_currency(session, Account.bank)
    project_payout(session, pictures.payout(lines=(), failure_balance=FAILURE), setting)

    assert at_the_bank == {"eur": 467}
    assert sum_by_currency(session, Account.bank) == {}
    assert {entry.kind for entry in all_of(session, Entry)} == {EntryKind.payout, EntryKind.payout_failure}
    assert {entry.member_id for entry in all_of(session, Entry)} == {None}


def test_a_payout_before_its_own_transaction_is_known_moves_nothing(
    session: Session, setting: Context
) -> None:
    project_payout(session, pictures.payout(balance=None, lines=()), setting)

    row = only(session, Payout)
    assert (row.stripe_balance_transaction_id, row.stripe_failure_balance_transaction_id) == (None, None)
    assert all_of(session, Entry) == []


def test_a_payout_keeps_each_line_it_is_made_of_once(session: Session, setting: Context) -> None:
    for _ in range(2):
        project_payout(session, pictures.payout(lines=(pictures.balance(),)), setting)

    assert values(only(session, PayoutLine)) == {
        "stripe_balance_transaction_id": "txn_charge",
        "stripe_payout_id": "po_1",
        "kind": "charge",
        "stripe_source_id": "ch_1",
        "gross_minor": 500,
        "fee_minor": 33,
        "net_minor": 467,
        "currency": "eur",
        "occurred_at": BEGUN,
    }


def test_a_line_that_is_not_booked_wants_the_object_that_knows_whose_money_it_was(
    session: Session, setting: Context
) -> None:
    refund = pictures.balance(id="txn_refund", category="refund", source_id="re_1", gross=-FIVE)
    twice = replace(refund, id="txn_twice")
    wanted = project_payout(session, pictures.payout(lines=(pictures.balance(), refund, twice)), setting)

    assert wanted == [(ObjectType.payment_intent, "pi_1"), (ObjectType.refund, "re_1")]


def test_a_line_that_is_booked_wants_nothing_and_those_after_it_are_looked_at_all_the_same(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    refund = pictures.balance(id="txn_refund", category="refund", source_id="re_1", gross=-FIVE)
    wanted = project_payout(session, pictures.payout(lines=(pictures.balance(), refund)), setting)

    assert wanted == [(ObjectType.refund, "re_1")]


def test_a_line_that_no_object_brings_is_booked_by_its_payout(session: Session, setting: Context) -> None:
    wanted = project_payout(session, pictures.payout(balance=None, lines=(FEE,)), setting)

    entry = only(session, Entry)
    assert wanted == []
    assert (entry.kind, entry.stripe_balance_transaction_id) == (EntryKind.stripe_fee, "txn_fee")
    assert (entry.occurred_at, entry.booked_on, entry.created_at) == (BEGUN + DAY, date(2026, 11, 4), NOW)
    assert (entry.given_minor, entry.given_currency) == (-120, "eur")
    assert sum_by_currency(session, Account.stripe_fees) == {"eur": 120}


def alone(**changed: object) -> BalanceSnapshot:
    """Return a transaction that comes by itself."""
    return pictures.balance(id="txn_alone", fee=NOTHING, created_at=BEGUN + DAY, **changed)


@pytest.mark.parametrize(
    ("source_id", "given"),
    [("ch_1", 500), ("py_1", 500), ("re_1", 200), ("pyr_1", 200), ("dp_1", 300), ("du_1", 300)],
)
def test_a_transaction_that_comes_by_itself_finds_the_member_by_what_it_is_about(
    session: Session, setting: Context, source_id: str, given: int
) -> None:
    is_charge = source_id in ("ch_1", "py_1")
    member = add_member(session, setting, charge_id=source_id if is_charge else "ch_9")
    if source_id in ("re_1", "pyr_1"):
        part = pictures.refund(id=source_id, amount=Money(200, "eur"), balance=None)
        project_refund(session, part, setting)
    if source_id in ("dp_1", "du_1"):
        project_dispute(
            session, pictures.dispute(id=source_id, amount=Money(300, "eur"), balances=()), setting
        )
    in_dollars = alone(category="adjustment", source_id=source_id, gross=Money(-700, "usd"))
    assert post_transaction(session, replace(in_dollars, fee=Money(0, "usd")), setting)

    entry = only(session, Entry, Entry.stripe_balance_transaction_id == "txn_alone")
    assert (entry.member_id, entry.payment_id) == (member.id, only(session, Payment).id)
    assert (entry.given_minor, entry.given_currency) == (-given, "eur")


@pytest.mark.parametrize("source_id", ["ch_unknown", "re_unknown", "dp_unknown", "tu_1", None])
def test_one_about_nothing_we_know_is_booked_to_nobody_as_it_was_settled(
    session: Session, setting: Context, source_id: str | None
) -> None:
    add_member(session, setting)
    assert post_transaction(session, alone(category="fee", source_id=source_id, gross=-FIVE), setting)

    entry = only(session, Entry, Entry.stripe_balance_transaction_id == "txn_alone")
    assert (entry.member_id, entry.payment_id, entry.campaign_id) == (None, None, None)
    assert (entry.given_minor, entry.given_currency) == (-500, "eur")


def test_a_transaction_posted_before_is_not_posted_again(session: Session, setting: Context) -> None:
    assert post_transaction(session, FEE, setting)
    assert not post_transaction(session, replace(FEE, gross=Money(-1, "eur")), setting)

    assert [(line.position, line.amount_minor) for line in all_of(session, Posting)] == [(1, 120), (2, 120)]


def test_the_books_say_which_transactions_they_hold(session: Session, setting: Context) -> None:
    for number in range(3):
        post_transaction(session, replace(FEE, id=f"txn_{number}"), setting)

    asked = [f"txn_{number}" for number in range(1, 1200)]
    assert find_posted(session, asked) == {"txn_1", "txn_2"}
    assert find_posted(session, []) == set()


def test_an_account_is_summed_by_currency_and_says_nothing_of_what_is_even(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    in_dollars = replace(FEE, id="txn_usd", gross=Money(-700, "usd"), fee=Money(0, "usd"))
    for one in (FEE, in_dollars, replace(FEE, id="txn_yen", gross=Money(-5, "jpy"), fee=Money(0, "jpy"))):
        post_transaction(session, one, setting)
    post_transaction(session, replace(FEE, id="txn_ney", gross=Money(5, "jpy"), fee=Money(0, "jpy")), setting)

    assert sum_by_currency(session, Account.stripe_balance) == {"eur": 467 - 120, "usd": -700}
    assert sum_by_currency(session, Account.contributions) == {"eur": -500}
