"""A member's record tells staff what happened, in their words, and keeps Stripe's beside them."""

from datetime import timedelta

from flask.testing import FlaskClient

from app.billing.models import Customer, Payment
from app.billing.queries import list_customers
from app.billing.statuses import PaymentStatus, SubscriptionStatus
from app.giving.models import Pledge
from app.inbox.models import ObjectType
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
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
    assert "card declined" in failed[0]
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

    assert subscription[3] == "overdue: Stripe tries again"


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
