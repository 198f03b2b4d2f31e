"""What a record says became of a payment, what is left of it, and of an end that is planned."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app.billing.models import Dispute, Payment
from app.billing.statuses import DisputeStatus
from app.flows.parts import Parts
from app.kernel.money import Money
from app.web.staff.fates import STATUSES
from tests.support.cast import ADA, DISPUTED_AT_ONCE
from tests.support.ledger_rows import Rows
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.tables import Write, rows_of

ADDRESS = "ada@mail.example"
FIVE, TWO = Money(500, "eur"), Money(200, "eur")
THERE = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


def payment_row(desk: FlaskClient, write: Write, happen: Callable[[Rows, Payment], None]) -> list[str]:
    """Return the row of Ada's only payment of five euros, of which a fee of 30 cents was kept."""

    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        happen(rows, rows.payment(ada, FIVE))
        return ada.code

    [row] = rows_of(desk.get(f"/staff/members/{write(story)}").text, caption="payments-caption")
    return row


@pytest.mark.parametrize(
    ("status", "badge"),
    [
        (DisputeStatus.needs_response, "Disputed"),
        (DisputeStatus.under_review, "Disputed"),
        (DisputeStatus.lost, "Lost"),
        (DisputeStatus.won, "Won"),
        (DisputeStatus.warning_needs_response, "Inquiry"),
        (DisputeStatus.warning_closed, None),
    ],
)
def test_a_disputed_payment_says_in_its_row_how_that_stands(
    desk: FlaskClient, write: Write, status: DisputeStatus, badge: str | None
) -> None:
    def disputed(rows: Rows, payment: Payment) -> None:
        dispute = rows.dispute(payment)
        dispute.status = status
        dispute.withdrawn_at = None if "warning" in status else THERE
        dispute.returned_at = THERE if status is DisputeStatus.won else None

    when = payment_row(desk, write, disputed)[0]

    named = [word for word in ("Disputed", "Lost", "Won", "Inquiry", "Returned") if word in when]
    assert named == ([badge] if badge else [])


def test_a_debit_that_the_bank_returned_is_no_dispute(desk: FlaskClient, write: Write) -> None:
    def returned(rows: Rows, payment: Payment) -> None:
        payment.method = "sepa_debit"
        rows.dispute(payment).status = DisputeStatus.lost

    when = payment_row(desk, write, returned)[0]

    assert "Returned" in when
    assert "Lost" not in when


@pytest.mark.parametrize(
    ("minor", "bounced", "badge", "net"),
    [
        (200, False, "Refunded in part", "€2.70"),
        (500, False, "Refunded", "-€0.30"),
        (500, True, "", "€4.70"),
    ],
)
def test_a_refund_wholly_or_in_part_is_said_and_taken_off_the_net(
    desk: FlaskClient, write: Write, minor: int, bounced: bool, badge: str, net: str
) -> None:
    def given_back(rows: Rows, payment: Payment) -> None:
        rows.refund(payment, Money(minor, "eur"), bounced=bounced)

    row = payment_row(desk, write, given_back)

    assert row[0].partition("Refunded")[2].strip() == badge.removeprefix("Refunded").strip()
    assert ("Refunded" in row[0]) == bool(badge)
    assert row[4] == net


def test_the_net_of_a_disputed_payment_is_what_the_books_have_left_of_it(
    desk: FlaskClient, world: World
) -> None:
    world.give(ADA, Money(5000, "eur"), card=DISPUTED_AT_ONCE)
    code = desk.get("/staff/members", query_string={"q": world.one(Payment).stripe_payment_intent_id})
    path = str(code.location)

    [lost] = rows_of(desk.get(path).text, caption="payments-caption")
    world.stripe.door(f"disputes/{world.one(Dispute).stripe_dispute_id}", {"won": True})
    world.settle()
    [won] = rows_of(desk.get(path).text, caption="payments-caption")

    assert "Disputed" in lost[0]
    assert lost[4].startswith("-€")
    assert "Won" in won[0]
    assert won[4].startswith("€")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("subscription_canceled", "Charged after support was ended"),
        ("a_new_word_of_stripes", "A new word of stripes"),
        (None, "–"),
    ],
)
def test_a_dispute_is_told_in_words(desk: FlaskClient, write: Write, reason: str | None, words: str) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        rows.dispute(rows.payment(ada, FIVE)).reason = reason
        return ada.code

    [row] = rows_of(desk.get(f"/staff/members/{write(story)}").text, caption="disputes-caption")

    assert row[2:4] == [words, "Wants an answer"]


def test_every_status_of_a_dispute_has_words() -> None:
    assert STATUSES.keys() == set(DisputeStatus)
    assert not [words for words in STATUSES.values() if "_" in words]


def test_a_planned_end_is_said_at_the_top_and_is_no_news_once_it_has_come(
    desk: FlaskClient, write: Write
) -> None:
    def story(rows: Rows) -> tuple[str, str]:
        ada, ben = rows.member(ADDRESS), rows.member("ben@mail.example")
        rows.subscription(ada, FIVE).cancel_at = datetime(2026, 12, 15, 12, tzinfo=UTC)
        over = rows.subscription(ben, FIVE)
        over.cancel_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        rows.end(over, datetime(2026, 11, 20, 12, tzinfo=UTC))
        return ada.code, ben.code

    ada, ben = write(story)

    assert "ends on 15 Dec 2026" in heading(desk.get(f"/staff/members/{ada}").text)
    assert "ends on" not in heading(desk.get(f"/staff/members/{ben}").text)


def test_of_several_supports_the_one_that_is_to_end_is_named(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        rows.subscription(ada, FIVE)
        rows.subscription(ada, TWO).cancel_at = datetime(2026, 12, 15, 12, tzinfo=UTC)
        return ada.code

    assert "€2.00 monthly ends on 15 Dec 2026" in heading(desk.get(f"/staff/members/{write(story)}").text)


def heading(page: str) -> str:
    return page.partition("<h1>")[2].partition("</h1>")[0]
