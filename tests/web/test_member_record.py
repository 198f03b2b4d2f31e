"""A member's record tells staff what happened, in their words, and keeps Stripe's beside them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.billing.models import Customer, Payment
from app.billing.queries import list_customers
from app.billing.statuses import InvoiceStatus, PaymentStatus, SubscriptionStatus
from app.flows.parts import Parts
from app.flows.people.merge import merge
from app.giving.models import Pledge
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactCause, Member
from tests.support.desk import post
from tests.support.ledger_rows import Rows
from tests.web.tables import Write, rows_of

ADDRESS = "ada@mail.example"
FIVE = Money(500, "eur")


def a_failed_renewal(rows: Rows) -> tuple[str, str]:
    """Ada's second month was declined; returns her code and Stripe's id of the payment."""
    ada = rows.member(ADDRESS)
    rows.payment(ada, FIVE, subscription=rows.subscription(ada, FIVE, status=SubscriptionStatus.past_due))
    failed = failed_payment(rows, ada, list_customers(rows.session, ada.id)[0])
    rows.event("payment_intent.payment_failed", ObjectType.payment_intent, failed.stripe_payment_intent_id)
    return ada.code, failed.stripe_payment_intent_id


def failed_payment(rows: Rows, member: Member, customer: Customer) -> Payment:
    """Add a payment that names no member, as one that was never paid does."""
    failed = Payment(
        stripe_payment_intent_id=f"pi_failed_{member.code}",
        stripe_customer_id=customer.stripe_customer_id,
        status=PaymentStatus.requires_payment_method,
        failure_code="card_declined",
        interval=Interval.month,
        amount_minor=FIVE.minor,
        currency=FIVE.currency,
        created_at=rows.now,
        synced_at=rows.now,
    )
    rows.session.add(failed)
    rows.session.flush()
    return failed


def test_a_payment_that_failed_stands_among_those_that_did_not(desk: FlaskClient, write: Write) -> None:
    code, _ = write(a_failed_renewal)

    page = desk.get(f"/staff/members/{code}").text

    failed, paid = rows_of(page, caption="payments-caption")
    assert "Failed" in failed[0]
    assert "the bank said no and gave no reason" in failed[0]
    assert failed[1] == "€5.00 asked"
    assert paid[1] == "€5.00"
    assert "<dt>Payments</dt><dd>1</dd>" in page
    assert "Payment failed" in rows_of(page, caption="events-caption")[0][1]


def test_a_member_is_found_by_a_payment_that_failed(desk: FlaskClient, write: Write) -> None:
    code, payment = write(a_failed_renewal)

    assert desk.get(f"/staff/members?q={payment}").location == f"/staff/members/{code}"


def test_an_overdue_subscription_promises_no_day_of_a_next_charge(desk: FlaskClient, write: Write) -> None:
    code, _ = write(a_failed_renewal)

    [subscription] = rows_of(desk.get(f"/staff/members/{code}").text, caption="subscriptions-caption")

    assert subscription[3] == "overdue; no further try is planned"


def test_the_way_through_stripes_page_is_part_of_what_happened(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        payment = rows.payment(ada, FIVE)
        payment.pledge_id = pledge(rows).id
        rows.event("checkout.session.completed", ObjectType.checkout_session, "cs_test_hers")
        rows.event("checkout.session.completed", ObjectType.checkout_session, "cs_test_anothers")
        return ada.code

    page = desk.get(f"/staff/members/{write(story)}").text

    [happened] = rows_of(page, caption="events-caption")
    assert "Stripe’s payment page finished" in happened[1]
    assert "checkout.session.completed" in happened[1]
    assert "cs_test_hers" in happened[1]
    assert "cs_test_anothers" not in page


def stands(page: str) -> tuple[str, str]:
    """Return how the only subscription stands, and what is charged next."""
    [subscription] = rows_of(page, caption="subscriptions-caption")
    return subscription[2], subscription[3]


def test_a_renewal_that_failed_says_when_why_and_when_it_is_tried_again(
    desk: FlaskClient, write: Write
) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        late = rows.subscription(ada, FIVE, status=SubscriptionStatus.past_due)
        again = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
        invoice = rows.invoice(late, rows.now, status=InvoiceStatus.open, next_attempt_at=again)
        failed = failed_payment(rows, ada, list_customers(rows.session, ada.id)[0])
        failed.stripe_invoice_id, failed.decline_code = invoice.stripe_invoice_id, "insufficient_funds"
        return ada.code

    words, next_charge = stands(desk.get(f"/staff/members/{write(story)}").text)

    assert words.startswith("Past due A renewal failed on ")
    assert words.endswith(": not enough money on the account.")
    assert next_charge == "tried again 3 Dec 2026, 10:30"


def test_a_pause_says_by_whom_and_until_when(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        until = datetime(2027, 2, 1, 12, tzinfo=UTC)
        rows.pause(rows.subscription(ada, FIVE), datetime(2026, 11, 20, 12, tzinfo=UTC), until=until)
        return ada.code

    page = desk.get(f"/staff/members/{write(story)}").text

    assert stands(page) == (
        "Paused Paused on 20 Nov 2026 by staff, until 1 Feb 2027.", "none while it is paused"
    )  # fmt: skip
    assert rows_of(page, caption="facts-caption")[0][1:4] == ["Paused by staff", "Paused", "€5.00 monthly"]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (FactCause.member, "by the member"),
        (FactCause.dunning, "by Stripe, after its last try to charge"),
        (FactCause.stripe, "at Stripe"),
    ],
)
def test_an_end_says_by_whom(desk: FlaskClient, write: Write, cause: FactCause, words: str) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        rows.end(rows.subscription(ada, FIVE), datetime(2026, 11, 20, 12, tzinfo=UTC), cause=cause)
        return ada.code

    page = desk.get(f"/staff/members/{write(story)}").text

    assert stands(page) == (f"Ended Ended on 20 Nov 2026 {words}.", "none")


def test_one_that_is_to_end_says_when_and_that_nothing_is_charged(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        rows.subscription(ada, FIVE).cancel_at = datetime(2026, 12, 15, 12, tzinfo=UTC)
        return ada.code

    page = desk.get(f"/staff/members/{write(story)}").text

    assert stands(page) == ("Active Runs to 15 Dec 2026 and ends then.", "none")


def test_a_record_and_the_list_say_until_when_a_member_is_entitled(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        rows.invoice(rows.subscription(ada, FIVE), datetime(2098, 12, 1, 12, tzinfo=UTC))
        return ada.code

    code = write(story)

    assert "<dd>until 8 Dec 2098: paid for</dd>" in desk.get(f"/staff/members/{code}").text
    assert rows_of(desk.get("/staff/members").text)[0][-1] == "until 8 Dec 2098"


def test_a_member_who_pays_twice_is_found_and_both_are_shown(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        rows.subscription(rows.member("ben@mail.example"), FIVE)
        ada = rows.member(ADDRESS)
        for amount in (FIVE, Money(700, "eur")):
            rows.subscription(ada, amount)
        return ada.code

    code = write(story)

    assert [row[0] for row in rows_of(desk.get("/staff/members?status=doubled").text)] == [code]
    note = desk.get(f"/staff/members/{code}").text.partition("pays twice")[2].partition("</ul>")[0]
    assert ("€5.00 monthly" in note, "€7.00 monthly" in note) == (True, True)


def test_an_address_that_is_another_members_at_stripe_is_put_before_staff(
    desk: FlaskClient, write: Write
) -> None:
    def story(rows: Rows) -> tuple[str, str]:
        ben, ada = rows.member("ben@mail.example"), rows.member(ADDRESS)
        list_customers(rows.session, ada.id)[0].address_of_member_id = ben.id
        return ada.code, ben.code

    ada, ben = write(story)

    assert [row[0] for row in rows_of(desk.get("/staff/members?status=contested").text)] == [ada]
    note = desk.get(f"/staff/members/{ada}").text.partition("shows the address of")[2].partition("</p>")[0]
    assert f"/staff/members/{ben}" in note


def test_a_member_who_changed_currency_sees_each_amount_in_its_own(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        long_ago = rows.now - timedelta(days=60)
        rows.end(rows.subscription(ada, Money(800, "jpy"), started_at=long_ago), rows.now)
        rows.subscription(ada, Money(1500, "kwd"), started_at=rows.now + timedelta(minutes=1))
        return ada.code

    page = desk.get(f"/staff/members/{write(story)}").text

    given = {row[1] for row in rows_of(page, caption="subscriptions-caption")}
    assert given == {"¥800 monthly", "KWD\N{NO-BREAK SPACE}1.500 monthly"}
    amounts = [row[3] for row in rows_of(page, caption="facts-caption")]
    assert amounts == ["KWD\N{NO-BREAK SPACE}1.500 monthly", "–", "¥800 monthly"]


def pledge(rows: Rows) -> Pledge:
    """Add a pledge whose page at Stripe is `cs_test_hers`."""
    promised = Pledge(
        form_nonce=new_nonce(),
        form_digest="0" * 64,
        amount_minor=FIVE.minor,
        currency=FIVE.currency,
        interval=Interval.once,
        language="en",
        created_at=rows.now - timedelta(minutes=1),
        title="Support",
        resume_key=new_nonce(),
        stripe_checkout_session_id="cs_test_hers",
    )
    rows.session.add(promised)
    rows.session.flush()
    return promised


def test_a_merged_record_is_found_by_either_code_and_says_what_it_was_merged_from(
    desk: FlaskClient, write: Write, parts: Parts
) -> None:
    def story(rows: Rows) -> tuple[str, str]:
        ada, at_work = rows.member("ada@example.org", name="Ada"), rows.member("ada@work.example")
        rows.payment(ada, Money(2400, "eur"), fee_minor=90)
        rows.payment(at_work, Money(600, "eur"), fee_minor=30)
        return ada.code, at_work.code

    kept, merged = write(story)
    merge(parts, kept, merged, merged_by=None, now=utc_now())

    led = desk.get(f"/staff/members/{merged}")
    page = desk.get(f"/staff/members/{kept}").text
    shown = post(desk, f"/staff/members/{kept}", {}).text

    assert led.headers["Location"].endswith(f"/staff/members/{kept}")
    assert f'Merged from <span class="code">{merged}</span>' in page
    assert f"flask members unmerge {merged}" in page
    assert "€30.00" in page
    assert "ada@work.example" not in page
    for address in ("ada@example.org", "ada@work.example"):
        assert address in shown
    listed = desk.get("/staff/members").text
    assert kept in listed
    assert merged not in listed
    assert "€30.00" in listed
