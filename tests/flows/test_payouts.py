"""Payouts: in the books as they leave and come back, and matched line by line, to the cent."""

import pytest

from app.billing.models import Dispute, Payment, Payout, PayoutLine
from app.billing.statuses import PayoutStatus
from app.db import reading
from app.flows.sync import sync_at_once
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Account, Direction, Entry, EntryKind, Posting
from app.web.staff.statements import Match, Statement, find_statement, list_statement_lines, list_statements
from tests.support.cast import ADA, BEN, DEBIT_PAID, DISPUTED_AT_ONCE, reader
from tests.support.compare import differences, stripe_balance
from tests.support.world import World


@pytest.fixture
def daily(world: World) -> World:
    """A newsroom that is paid out every day."""
    world.stripe.settings(payout_schedule="daily")
    return world


def agrees(world: World) -> bool:
    held = world.parts.gateway.fetch_balance()
    with reading(world.parts.sessions) as session:
        assert stripe_balance(session) == held
    assert differences(world.parts.sessions, world.stripe) == []
    return True


def let_days_pass(world: World, days: float) -> None:
    world.advance(days=days)
    world.settle()


def statements(world: World) -> list[Statement]:
    with reading(world.parts.sessions) as session:
        return list_statements(session, before=None, limit=100)


def to_the_bank(world: World) -> list[tuple[Direction, int]]:
    lines = world.rows(Posting, Posting.account == Account.bank)
    return [(line.direction, line.amount_minor) for line in lines]


def test_a_payout_moves_what_stripe_held_to_the_bank(daily: World) -> None:
    daily.give(ADA, Money(2500, "eur"), Interval.once)
    let_days_pass(daily, 6)

    payout = daily.one(Payout)
    assert payout.status is PayoutStatus.paid
    assert to_the_bank(daily) == [(Direction.debit, payout.amount_minor)]
    assert daily.parts.gateway.fetch_balance() == {}
    assert agrees(daily)


def test_a_payout_is_matched_to_the_cent_with_its_refunds_disputes_and_fees(daily: World) -> None:
    daily.give(ADA, Money(12000, "eur"), Interval.once)
    daily.give(BEN, Money(5000, "eur"), Interval.once, card=DISPUTED_AT_ONCE)
    (dispute,) = daily.rows(Dispute)
    ada = daily.one(Payment, Payment.amount_minor == 12000)
    daily.v1.refunds.create({"payment_intent": ada.stripe_payment_intent_id, "amount": 1000})
    daily.stripe.door(f"disputes/{dispute.stripe_dispute_id}", {"won": True})
    let_days_pass(daily, 6)

    (statement,) = statements(daily)

    assert statement.match is Match.matched
    assert (statement.payments, statement.refunds, statement.disputes, statement.fees) == (2, 1, 2, 0)
    with reading(daily.parts.sessions) as session:
        lines = list_statement_lines(session, statement.stripe_id)
    assert lines[-1].running_minor == sum(line.net_minor for line in lines) == statement.amount_minor
    assert all(line.in_books and line.member_code and line.receipt_number for line in lines)
    assert [line.credit_note_number is not None for line in lines if line.kind == "refund"] == [True]
    assert agrees(daily)


def test_a_payout_that_fails_comes_back_and_is_a_line_of_the_next_one(daily: World) -> None:
    daily.stripe.settings(payout_failure="account_closed")
    daily.give(ADA, Money(2500, "eur"), Interval.once)
    while not daily.stripe.objects("payout") or daily.stripe.objects("payout")[0]["status"] != "failed":
        daily.advance(days=0.5)
    daily.stripe.settings(payout_failure=None)
    daily.give(BEN, Money(5000, "eur"), Interval.once)
    let_days_pass(daily, 6)

    second, first = statements(daily)
    assert (first.status, first.failure_code) == (PayoutStatus.failed, "account_closed")
    assert first.match is second.match is Match.matched
    with reading(daily.parts.sessions) as session:
        back, bens = list_statement_lines(session, second.stripe_id)
    assert second.amount_minor == first.amount_minor + bens.net_minor
    assert (back.kind, back.net_minor, back.member_code) == ("payout_reversal", first.amount_minor, None)
    assert [direction for direction, _ in to_the_bank(daily)] == [
        Direction.debit,
        Direction.credit,
        Direction.debit,
    ]
    assert agrees(daily)


def test_what_a_payout_made_by_hand_holds_stripe_does_not_say(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    let_days_pass(world, 4)
    made = world.v1.payouts.create({"amount": 1000, "currency": "eur"})
    let_days_pass(world, 4)

    (statement,) = statements(world)
    assert (statement.stripe_id, statement.match) == (made.id, Match.by_hand)
    assert world.rows(PayoutLine) == []
    assert to_the_bank(world) == [(Direction.debit, 1000)]
    assert agrees(world)


def test_a_payout_canceled_in_time_comes_back(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    let_days_pass(world, 4)
    made = world.v1.payouts.create({"amount": 1000, "currency": "eur"})
    world.v1.payouts.cancel(made.id)
    world.settle()

    assert world.one(Payout).status is PayoutStatus.canceled
    assert to_the_bank(world) == [(Direction.debit, 1000), (Direction.credit, 1000)]
    assert agrees(world)


def test_a_payout_taken_back_from_the_bank_is_a_payout_the_other_way(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    let_days_pass(world, 4)
    made = world.v1.payouts.create({"amount": 1000, "currency": "eur"})
    let_days_pass(world, 4)
    world.v1.payouts.reverse(made.id)
    let_days_pass(world, 4)

    assert sorted(row.amount_minor for row in world.rows(Payout)) == [-1000, 1000]
    assert to_the_bank(world) == [(Direction.debit, 1000), (Direction.credit, 1000)]
    assert agrees(world)


def test_before_stripe_has_matched_a_payout_it_waits_and_then_has_its_lines(daily: World) -> None:
    daily.give(ADA, Money(2500, "eur"), Interval.once)
    while not daily.stripe.objects("payout"):
        daily.advance(days=0.25)
    daily.settle()
    (made,) = daily.stripe.objects("payout")
    waits = made["reconciliation_status"] == "in_progress"
    assert [statement.match for statement in statements(daily)] == [Match.waits if waits else Match.matched]

    let_days_pass(daily, 0.01)

    assert [statement.match for statement in statements(daily)] == [Match.matched]
    assert agrees(daily)


def test_currencies_are_paid_out_each_by_itself(daily: World) -> None:
    for number, currency in enumerate(("eur", "usd", "jpy")):
        daily.give(reader(number), Money(3000, currency), Interval.once)
    let_days_pass(daily, 6)

    assert sorted(statement.currency for statement in statements(daily)) == ["eur", "jpy", "usd"]
    assert {statement.match for statement in statements(daily)} == {Match.matched}
    assert agrees(daily)


def test_gifts_settled_in_one_currency_are_matched_in_it(daily: World) -> None:
    daily.stripe.settings(settlement_currency="eur")
    for number, currency in enumerate(("eur", "usd", "jpy")):
        daily.give(reader(number), Money(3000, currency), Interval.once)
    let_days_pass(daily, 6)

    assert {statement.currency for statement in statements(daily)} == {"eur"}
    assert {statement.match for statement in statements(daily)} == {Match.matched}
    assert agrees(daily)


def test_a_bank_debit_in_a_payout_is_a_payment_like_any_other(daily: World) -> None:
    session_id = daily.open_session(daily.form(ADA, Money(2500, "eur"), Interval.once))
    daily.pay(session_id, ADA, iban=DEBIT_PAID)
    let_days_pass(daily, 7)

    (statement,) = statements(daily)
    assert (statement.payments, statement.match) == (1, Match.matched)
    assert agrees(daily)


def test_a_payment_that_nobody_told_of_is_brought_in_by_its_payout(daily: World) -> None:
    session_id = daily.open_session(daily.form(ADA, Money(2500, "eur"), Interval.once))
    daily.pay(session_id, ADA)
    daily.advance(days=6)
    daily.undelivered = [event for event in daily.undelivered if event["type"].startswith("payout.")]

    daily.settle()

    (statement,) = statements(daily)
    assert statement.match is Match.matched
    assert [entry.kind for entry in daily.rows(Entry)] == [EntryKind.payout, EntryKind.payment]
    assert daily.one(Payment).member_id


def test_a_line_that_is_not_in_the_books_is_marked(daily: World) -> None:
    session_id = daily.open_session(daily.form(ADA, Money(2500, "eur"), Interval.once))
    daily.pay(session_id, ADA)
    daily.advance(days=6)
    (made,) = daily.stripe.objects("payout")

    sync_at_once(daily.parts, (ObjectType.payout, made["id"]), now=utc_now())

    with reading(daily.parts.sessions) as session:
        statement = find_statement(session, made["id"])
        (line,) = list_statement_lines(session, made["id"])
    assert statement
    assert statement.match is Match.differs
    assert not line.in_books
    daily.settle()
    assert [one.match for one in statements(daily)] == [Match.matched]


def test_a_long_payout_is_read_page_by_page(daily: World) -> None:
    for number in range(7):
        daily.give(reader(number), Money(500 + number, "eur"), Interval.once)
    intents = [row.stripe_payment_intent_id for row in daily.rows(Payment)]
    for intent_id in intents:
        for _ in range(16):
            daily.v1.refunds.create({"payment_intent": intent_id, "amount": 1})
    let_days_pass(daily, 7)

    assert len(daily.rows(PayoutLine)) == 7 * 17 > 100
    assert [statement.match for statement in statements(daily)] == [Match.matched]


def test_a_payout_can_be_synced_for_ever_with_the_same_result(daily: World) -> None:
    daily.give(ADA, Money(2500, "eur"), Interval.once)
    let_days_pass(daily, 6)
    payout_id = daily.one(Payout).stripe_payout_id
    before = len(daily.rows(Entry)), len(daily.rows(PayoutLine))

    for _ in range(3):
        synced = sync_at_once(daily.parts, (ObjectType.payout, payout_id), now=utc_now())
        assert synced
        assert synced.follow_ups == ()

    assert (len(daily.rows(Entry)), len(daily.rows(PayoutLine))) == before
    assert agrees(daily)
