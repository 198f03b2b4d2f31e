"""What the desk shows of money that leaves: payouts line by line, disputes and credit notes on a record."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.billing.models import Dispute, Payment, Payout
from app.billing.statuses import PayoutStatus
from app.db import Sessions, transaction
from app.flows.parts import Parts
from app.kernel.formatting import format_money_exactly
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.receipts.models import CreditNote
from app.web.staff.exports import plain_amount
from tests.support.cast import ADA, ASKED_ABOUT, BEN, DISPUTED_AT_ONCE, reader
from tests.support.ledger_rows import NOON
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.statements import statements_of
from tests.web.tables import rows_of


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    """The newsroom whose desk it is, paid out every day."""
    stripe.settings(payout_schedule="daily")
    return World(parts, stripe)


def pay_out(world: World, *, gifts: int = 1) -> Payout:
    """Let readers give, and the bank have it; returns the payout."""
    for number in range(gifts):
        world.give(reader(number), Money(2500, "eur"), Interval.once)
    world.advance(days=6)
    world.settle()
    return world.rows(Payout)[-1]


def a_stormy_week(world: World) -> Payout:
    """A refund, a dispute that is won, and two gifts, all in one payout."""
    world.give(ADA, Money(12000, "eur"), Interval.once)
    world.give(BEN, Money(5000, "eur"), Interval.once, card=DISPUTED_AT_ONCE)
    ada = world.one(Payment, Payment.amount_minor == 12000)
    world.v1.refunds.create({"payment_intent": ada.stripe_payment_intent_id, "amount": 1000})
    world.stripe.advance(seconds=60)
    world.stripe.door(f"disputes/{world.one(Dispute).stripe_dispute_id}", {"won": True})
    return pay_out(world, gifts=0)


def desk_amount(payout: Payout) -> str:
    return format_money_exactly(Money(payout.amount_minor, payout.currency), "en")


def read(data: bytes, kind: str) -> list[list[str]]:
    if kind == "csv":
        return list(csv.reader(io.StringIO(data.decode())))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet
    return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]


def test_the_list_says_what_reached_the_bank_and_whether_it_is_in_the_books(
    desk: FlaskClient, world: World
) -> None:
    payout = a_stormy_week(world)

    [row] = rows_of(desk.get("/staff/payouts").text, caption="payouts-caption")

    assert row[1] == desk_amount(payout)
    assert row[2:] == ["arrived", "2", "1", "2", "0", "Matched to the cent"]


def test_a_payout_adds_up_line_by_line(desk: FlaskClient, world: World) -> None:
    payout = a_stormy_week(world)

    page = desk.get(f"/staff/payouts/{payout.stripe_payout_id}").text

    rows = rows_of(page, caption="lines-caption")
    assert sorted(row[1] for row in rows[:-1]) == ["Dispute", "Dispute won", "Payment", "Payment", "Refund"]
    assert rows[-2][7] == desk_amount(payout)
    refund = next(row for row in rows if row[1] == "Refund")
    assert refund[3] == world.one(CreditNote).number
    assert refund[4:7] == ["-€10.00", "€0.00", "-€10.00"]
    assert "Not in the books" not in page


def test_a_payout_made_by_hand_says_plainly_that_nobody_knows_what_it_holds(
    desk: FlaskClient, world: World
) -> None:
    world.stripe.settings(payout_schedule="manual")
    world.give(ADA, Money(2500, "eur"), Interval.once)
    world.advance(days=4)
    made = world.v1.payouts.create({"amount": 1000, "currency": "eur"})
    world.settle()

    page = desk.get(f"/staff/payouts/{made.id}").text

    assert "Stripe does not say what such a payout holds" in page
    [row] = rows_of(desk.get("/staff/payouts").text, caption="payouts-caption")
    assert row[1:] == ["€10.00", "on its way", "–", "–", "–", "–", "By hand"]


def test_a_payout_that_failed_says_where_its_money_is(desk: FlaskClient, world: World) -> None:
    world.stripe.settings(payout_failure="account_closed")
    payout = pay_out(world)

    page = desk.get(f"/staff/payouts/{payout.stripe_payout_id}").text

    assert "did not arrive" in page
    assert "account closed" in page


def test_without_payouts_the_page_says_so(desk: FlaskClient) -> None:
    assert "Nothing has been paid out yet" in desk.get("/staff/payouts").text
    assert desk.get("/staff/payouts/po_unknown").status_code == 404
    assert desk.get("/staff/payouts?before=nonsense").status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_payouts_and_their_lines_leave_as_files(desk: FlaskClient, world: World, kind: str) -> None:
    payout = a_stormy_week(world)
    po = payout.stripe_payout_id

    table = read(desk.get(f"/staff/payouts/export.{kind}").data, kind)
    answer = desk.get(f"/staff/payouts/{po}/export.{kind}")
    lines = read(answer.data, kind)

    amount = plain_amount(Money(payout.amount_minor, payout.currency))
    assert table[1:] == [[po, f"{payout.arrival_on}", "eur", amount, "paid", "matched", "2", "1", "2", "0"]]
    assert f"payout-{payout.arrival_on}-{po}.{kind}" in answer.headers["Content-Disposition"]
    assert lines[-1][-2:] == [amount, "yes"]
    assert sorted(line[2] for line in lines[1:]) == [
        "charge",
        "charge",
        "dispute",
        "dispute_reversal",
        "refund",
    ]
    assert desk.get(f"/staff/payouts/po_unknown/export.{kind}").status_code == 404


def test_the_list_is_shown_page_by_page(desk: FlaskClient, sessions: Sessions) -> None:
    with transaction(sessions) as session:
        made = [a_payout(number) for number in range(120)]
        session.add_all(made)

    seen, path = [], "/staff/payouts"
    while path:
        page = desk.get(path).text
        seen += re.findall(r'href="/staff/payouts/(po_[^"/]+)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found.group(1).replace("&amp;", "&") if found else ""

    newest_first = sorted(made, key=lambda row: (row.arrival_on, row.id), reverse=True)
    assert seen == [row.stripe_payout_id for row in newest_first]


def a_payout(number: int) -> Payout:
    """One of many, seven of which arrive on each day."""
    return Payout(
        stripe_payout_id=f"po_test{number}",
        status=PayoutStatus.paid,
        amount_minor=100 + number,
        currency="eur",
        arrival_on=date(2026, 11, 1) + timedelta(days=number // 7),
        automatic=True,
        created_at=NOON,
        synced_at=NOON,
    )


def test_a_long_payout_asks_as_many_questions_as_a_short_one(
    app: Flask, desk: FlaskClient, world: World
) -> None:
    short = pay_out(world)
    with statements_of(app) as for_one:
        desk.get(f"/staff/payouts/{short.stripe_payout_id}")
    with statements_of(app) as list_of_one:
        desk.get("/staff/payouts")
    long = pay_out(world, gifts=8)

    with statements_of(app) as for_many:
        page = desk.get(f"/staff/payouts/{long.stripe_payout_id}").text
    with statements_of(app) as list_of_two:
        desk.get("/staff/payouts")

    assert len(rows_of(page, caption="lines-caption")) == 8 + 1
    assert len(for_many) == len(for_one) <= 6
    assert len(list_of_two) == len(list_of_one) <= 6


def test_a_record_tells_what_went_back_with_its_documents(desk: FlaskClient, world: World) -> None:
    world.give(ADA, Money(12000, "eur"), Interval.once)
    world.give(ADA, Money(5000, "eur"), Interval.once, card=DISPUTED_AT_ONCE)
    world.give(ADA, Money(700, "eur"), Interval.once, card=ASKED_ABOUT)
    gift = world.one(Payment, Payment.amount_minor == 12000)
    world.v1.refunds.create({"payment_intent": gift.stripe_payment_intent_id, "amount": 1000})
    world.settle()

    page = desk.get(f"/staff/members/{world.one(Member).code}").text

    told = rows_of(page, caption="went-back-caption")
    assert sorted(row[1:3] for row in told) == [
        ["Bank took the payment back", "€50.00"],
        ["Given back", "€10.00"],
    ]
    assert world.one(CreditNote).number in [row[3] for row in told]
    disputes = rows_of(page, caption="disputes-caption")
    assert sorted(row[1:4] for row in disputes) == [
        ["€50.00", "The holder says it was not them", "Wants an answer"],
        ["€7.00", "The holder says it was not them", "Inquiry: wants an answer"],
    ]
    assert "<dt>Given in all</dt>" in page
    assert "€117.00" in page  # 120 + 50 + 7, less 10 given back and 50 taken back
    assert "Bank took disputed money" in page


def test_a_credit_note_is_handed_out_as_its_owner_has_it(desk: FlaskClient, world: World) -> None:
    a_stormy_week(world)
    note = world.one(CreditNote)

    answer = desk.get(f"/staff/credit-notes/{note.id}.pdf")

    assert answer.data.startswith(b"%PDF")
    assert f'filename="credit-note-{note.number}.pdf"' in answer.headers["Content-Disposition"]
    assert desk.get(f"/staff/credit-notes/{world.one(Payout).id}.pdf").status_code == 404


def test_a_member_is_found_by_a_dispute_a_debit_and_a_credit_note(desk: FlaskClient, world: World) -> None:
    a_stormy_week(world)
    dispute, note = world.one(Dispute), world.one(CreditNote)
    ben = world.one(Payment, Payment.amount_minor == 5000).member_id

    for asked, member_id in ((dispute.stripe_dispute_id, ben), (note.number, note.member_id)):
        answer = desk.get("/staff/members", query_string={"q": asked})
        assert answer.location == f"/staff/members/{world.one(Member, Member.id == member_id).code}"


def test_the_money_page_shows_disputes_and_their_fees_and_adds_up(desk: FlaskClient, world: World) -> None:
    a_stormy_week(world)

    page = desk.get("/staff/money").text

    [*_, total] = rows_of(page, caption="money-eur-caption")
    figures = [Decimal(cell.replace("€", "")) for cell in total[2:]]
    gross, *taken, net = figures
    assert gross - sum(taken) == net
    assert total[5:7] == ["€0.00", "€20.00"]
