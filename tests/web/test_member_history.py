"""What a member has paid: each in its own currency, with what became of it, and every document to fetch."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.billing.models import Payment
from app.db import transaction
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.receipts.models import CreditNote, Receipt
from tests.support.cast import ADA, BEN, DISPUTED_AT_ONCE, REFUND_PENDING
from tests.support.ledger_rows import Rows
from tests.support.pdf import text_of
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import read
from tests.web.statements import statements_of

MOST_QUERIES = 36
"""Of three pages together."""


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


def enter(client: FlaskClient, world: World) -> None:
    """Sign the only member in."""
    sign_in(client, world.parts, world.one(Member).id)


def give_back(world: World, amount: int) -> None:
    intent = world.rows(Payment)[0].stripe_payment_intent_id
    world.v1.refunds.create({"payment_intent": intent, "amount": amount})
    world.settle()


def test_each_payment_is_shown_in_the_currency_it_was_given_in(client: FlaskClient, world: World) -> None:
    """Edge 4: the history of a member who changed currency prints each amount in its own."""
    world.give(ADA, Money(1500, "eur"), Interval.once)
    world.give(ADA, Money(2000, "usd"), Interval.once)
    enter(client, world)

    shown = read(client.get("/manage/receipts")).text

    assert "€15" in shown
    assert "$20" in shown


def test_what_was_given_back_is_told_with_its_credit_note(client: FlaskClient, world: World) -> None:
    """Edge 5: partial refunds, and several of them."""
    world.give(ADA, Money(1500, "eur"), Interval.once)
    give_back(world, 300)
    give_back(world, 200)
    enter(client, world)

    page = read(client.get("/manage/receipts"))

    assert page.text.count("Given back to you") == 2
    assert "€3" in page.text
    assert "€2" in page.text
    for note in world.rows(CreditNote):
        assert f"Credit note {note.number}" in page.text
        fetched = client.get(f"/manage/credit-notes/{note.id}.pdf")
        assert (
            fetched.headers["Content-Disposition"] == f'attachment; filename="credit-note-{note.number}.pdf"'
        )
        assert note.number in text_of(fetched.data)


def test_a_refund_on_its_way_is_said_to_be(client: FlaskClient, world: World) -> None:
    world.give(ADA, Money(1500, "eur"), Interval.once, card=REFUND_PENDING)
    give_back(world, 1500)
    enter(client, world)

    shown = read(client.get("/manage/receipts")).text

    assert ("On its way back to you" in shown) is not ("Given back to you" in shown)


def test_a_dispute_is_told_in_the_members_words(client: FlaskClient, world: World) -> None:
    """Edge 16: the member is not blamed, and reads where the money is."""
    world.give(ADA, Money(1500, "eur"), Interval.once, card=DISPUTED_AT_ONCE)
    enter(client, world)

    shown = read(client.get("/manage/receipts")).text

    assert "Your bank took it back €15" in shown
    assert "dispute" not in shown.lower()
    assert "fraud" not in shown.lower()


def test_a_receipt_is_fetched_by_its_owner_and_kept_by_no_cache(client: FlaskClient, world: World) -> None:
    world.give(ADA)
    enter(client, world)
    receipt = world.one(Receipt)

    fetched = client.get(f"/manage/receipts/{receipt.id}.pdf")

    assert fetched.content_type == "application/pdf"
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="receipt-{receipt.number}.pdf"'
    assert fetched.headers["Cache-Control"] == "no-store"
    assert receipt.number in text_of(fetched.data)


def test_nobody_fetches_what_is_somebody_elses(client: FlaskClient, world: World) -> None:
    world.give(BEN, Money(1500, "eur"), Interval.once)
    give_back(world, 300)
    theirs, note = world.one(Receipt), world.one(CreditNote)
    world.give(ADA)
    ada = next(one for one in world.rows(Member) if one.id != theirs.member_id)
    sign_in(client, world.parts, ada.id)

    paths = [f"/manage/receipts/{theirs.id}.pdf", f"/manage/credit-notes/{note.id}.pdf"]
    made_up = [f"/manage/receipts/{new_id()}.pdf", f"/manage/credit-notes/{theirs.id}.pdf"]

    assert [client.get(path).status_code for path in (*paths, *made_up)] == [404] * 4
    client.delete_cookie("reader", path="/manage")
    assert [client.get(path).status_code for path in paths] == [303, 303]


def many_payments(world: World, count: int) -> None:
    """Add payments with their receipts to the only member, each a day later."""
    now = utc_now()
    with transaction(world.parts.sessions) as session:
        member = session.get_one(Member, world.one(Member).id)
        rows = Rows(session, world.parts, now=now)
        for days in range(1, count + 1):
            rows.receipt(rows.payment(member, Money(100 + days, "eur"), paid_at=now - timedelta(days=days)))


def test_pages_cost_the_same_queries_however_much_was_paid(
    app: Flask, client: FlaskClient, world: World
) -> None:
    world.give(ADA)
    enter(client, world)
    costs = []
    for more in (15, 45):
        many_payments(world, more)
        with statements_of(app) as statements:
            for path in ("/manage", "/manage/receipts", "/manage/receipts?page=2"):
                assert client.get(path).status_code == 200
        costs.append(len([one for one in statements if one.startswith("SELECT")]))

    assert costs[0] == costs[1] <= MOST_QUERIES


def test_older_payments_are_a_page_away(client: FlaskClient, world: World) -> None:
    world.give(ADA)
    many_payments(world, 30)
    enter(client, world)

    first = read(client.get("/manage/receipts"))
    second = read(client.get("/manage/receipts?page=2"))
    last = read(client.get("/manage/receipts?page=3"))

    numbers = [
        one["href"] for page in (first, second, last) for one in page.all("a") if ".pdf" in one["href"]
    ]
    assert len(numbers) == len(set(numbers)) == 31
    assert "Older payments" in first.text
    assert "Newer payments" not in first.text
    assert "Older payments" not in last.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "99", "100000000000"])
def test_a_page_that_is_none_is_not_found(client: FlaskClient, world: World, page: str) -> None:
    world.give(ADA)
    enter(client, world)

    assert client.get("/manage/receipts", query_string={"page": page}).status_code == 404
