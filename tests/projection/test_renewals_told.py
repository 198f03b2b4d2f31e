"""What a member is told of a renewal that fails, by the picture of its invoice or of its payment."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.billing.models import Invoice, InvoicePayment
from app.billing.statuses import InvoiceStatus
from app.inbox.models import ObjectType
from app.members.models import Member
from app.outbox.models import MailKind
from app.projection.context import Context
from app.projection.invoice import project_invoice
from app.projection.payment import project_payment
from app.stripe_gateway.snapshots import InvoiceSnapshot
from tests.projection.rows import add_member, all_of, letters, only, values
from tests.support import pictures
from tests.support.pictures import DAY, FIVE, HOUR, MONTH_ON, NOTHING, NOW

TRIED = MONTH_ON + HOUR
ASK_FOR_PAYMENT = [(ObjectType.payment_intent, "pi_2")]


@pytest.fixture
def member(session: Session, setting: Context) -> Member:
    """A member whose first payment came through."""
    return add_member(session, setting)


def renewal(**changed: Any) -> InvoiceSnapshot:
    """Return the second invoice after its first try failed; Stripe tries again."""
    failed: dict[str, Any] = {
        "id": "in_2",
        "status": "open",
        "billing_reason": "subscription_cycle",
        "amount_paid": NOTHING,
        "period_start": MONTH_ON,
        "period_end": MONTH_ON + 31 * DAY,
        "finalized_at": TRIED,
        "next_attempt_at": TRIED + 3 * DAY,
        "payment_intent_ids": ("pi_2",),
    }
    return pictures.invoice(**{**failed, **changed})


def see_payment(session: Session, setting: Context, invoice: InvoiceSnapshot | None, **changed: Any) -> None:
    failed: dict[str, Any] = {
        "id": "pi_2",
        "charge_id": "ch_2",
        "status": "requires_payment_method",
        "paid_at": None,
        "balance": None,
        "created_at": TRIED,
        "tried_at": TRIED,
        "invoice": invoice,
    }
    project_payment(session, pictures.payment(**{**failed, **changed}), replace(setting, now=TRIED + HOUR))


def kinds(session: Session) -> list[MailKind]:
    return [one["kind"] for one in letters(session)]


def test_an_invoice_is_kept_as_stripe_shows_it(session: Session, setting: Context) -> None:
    project_invoice(session, renewal(amount_due=FIVE, attempt_count=2), setting)

    assert values(only(session, Invoice)) == {
        "stripe_invoice_id": "in_2",
        "stripe_subscription_id": "sub_1",
        "stripe_customer_id": "cus_1",
        "pledge_id": None,
        "status": InvoiceStatus.open,
        "billing_reason": "subscription_cycle",
        "amount_due": 500,
        "amount_paid": 0,
        "currency": "eur",
        "period_start": MONTH_ON,
        "period_end": MONTH_ON + 31 * DAY,
        "attempt_count": 2,
        "next_attempt_at": TRIED + 3 * DAY,
        "finalized_at": TRIED,
        "synced_at": NOW,
    }


def test_which_payments_pay_an_invoice_is_kept_once_each(session: Session, setting: Context) -> None:
    for _ in range(2):
        project_invoice(session, renewal(payment_intent_ids=("pi_2", "pi_3")), setting)

    links = [(one.stripe_payment_intent_id, one.stripe_invoice_id) for one in all_of(session, InvoicePayment)]
    assert links == [("pi_2", "in_2"), ("pi_3", "in_2")]


def test_a_failed_try_is_told_with_its_number(session: Session, setting: Context, member: Member) -> None:
    see_payment(session, setting, renewal())
    see_payment(session, setting, renewal())

    assert letters(session) == [
        {
            "kind": MailKind.payment_failed,
            "key": "renewal-in_2-1",
            "to": member.id,
            "about": "in_2",
            "receipt": None,
            "matter": {"try": 1},
            "language": "en",
            "queued_at": TRIED + HOUR,
        }
    ]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    ("invoice", "payment", "kind"),
    [
        ({"attempt_count": 2}, {}, MailKind.payment_reminder),
        ({"next_attempt_at": None, "attempt_count": 4}, {}, MailKind.payment_last_notice),
        ({}, {"status": "requires_action"}, MailKind.payment_needs_action),
        ({"next_attempt_at": None}, {"status": "requires_action"}, MailKind.payment_needs_action),
        ({"status": "uncollectible", "attempt_count": 2}, {}, MailKind.payment_last_notice),
    ],
)
def test_each_try_has_the_letter_that_fits_it(
    session: Session, setting: Context, invoice: dict[str, Any], payment: dict[str, Any], kind: MailKind
) -> None:
    see_payment(session, setting, renewal(**invoice), **payment)

    assert kinds(session) == [kind]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    ("invoice", "payment"),
    [
        ({"billing_reason": "subscription_create"}, {}),
        ({"attempt_count": 0}, {}),
        ({"status": "draft"}, {}),
        ({"subscription_id": None}, {}),
        ({"customer_id": "cus_unknown"}, {}),
        ({"customer_id": None}, {}),
        ({}, {"status": "processing"}),
        ({"status": "uncollectible", "attempt_count": 1}, {}),
    ],
)
def test_of_what_is_no_failed_renewal_of_a_member_nobody_is_told(
    session: Session, setting: Context, invoice: dict[str, Any], payment: dict[str, Any]
) -> None:
    see_payment(session, setting, renewal(**invoice), **payment)

    assert letters(session) == []


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize("over", ["paid", "void"])
def test_a_try_of_an_invoice_that_is_over_by_now_is_no_news(
    session: Session, setting: Context, over: str
) -> None:
    project_invoice(session, renewal(status=over), setting)
    see_payment(session, setting, renewal())

    assert letters(session) == []


@pytest.mark.usefixtures("member")
def test_a_try_of_an_invoice_known_to_be_open_is_told(session: Session, setting: Context) -> None:
    project_invoice(session, renewal(), setting)
    see_payment(session, setting, renewal())

    assert kinds(session) == [MailKind.payment_failed]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    ("silence_ends", "tried_at", "mails"),
    [
        (TRIED + HOUR, TRIED, 0),
        (TRIED, TRIED, 1),
        (TRIED, None, 1),
        (TRIED, TRIED - DAY, 1),
        (TRIED + HOUR, TRIED + HOUR, 1),
    ],
)
def test_a_try_is_as_old_as_the_banks_answer_and_no_older_than_its_payment(
    session: Session, setting: Context, silence_ends: datetime, tried_at: datetime | None, mails: int
) -> None:
    see_payment(session, replace(setting, silent_before=silence_ends), renewal(), tried_at=tried_at)

    assert len(letters(session)) == mails


@pytest.mark.usefixtures("member")
def test_an_invoice_with_a_new_failed_try_asks_for_the_payment_that_knows_why(
    session: Session, setting: Context
) -> None:
    assert project_invoice(session, renewal(), setting) == ASK_FOR_PAYMENT
    assert project_invoice(session, renewal(), setting) == []
    assert project_invoice(session, renewal(attempt_count=2), setting) == ASK_FOR_PAYMENT
    assert letters(session) == []


@pytest.mark.usefixtures("member")
def test_an_invoice_paid_after_it_failed_asks_for_the_payment_that_knows_when(
    session: Session, setting: Context
) -> None:
    project_invoice(session, renewal(), setting)

    assert project_invoice(session, renewal(status="paid", attempt_count=2), setting) == ASK_FOR_PAYMENT
    assert project_invoice(session, renewal(status="paid", attempt_count=2), setting) == []


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    "invoice",
    [
        renewal(billing_reason="subscription_create"),
        renewal(subscription_id=None),
        renewal(status="paid"),
        renewal(attempt_count=0),
        renewal(status="draft"),
    ],
)
def test_an_invoice_without_a_failed_renewal_asks_for_nothing(
    session: Session, setting: Context, invoice: InvoiceSnapshot
) -> None:
    assert project_invoice(session, invoice, setting) == []


@pytest.mark.usefixtures("member")
def test_one_that_was_paid_without_a_failed_try_before_asks_for_nothing(
    session: Session, setting: Context
) -> None:
    project_invoice(session, renewal(attempt_count=0), setting)

    assert project_invoice(session, renewal(status="paid", attempt_count=1), setting) == []


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    ("finalized_at", "silence_ends", "mails"),
    [(TRIED, TRIED, 1), (TRIED, TRIED + HOUR, 0), (None, MONTH_ON, 1), (None, MONTH_ON + HOUR, 0)],
)
def test_where_no_payment_is_named_the_invoice_tells_of_its_try_itself(
    session: Session, setting: Context, finalized_at: datetime | None, silence_ends: datetime, mails: int
) -> None:
    alone = renewal(payment_intent_ids=(), finalized_at=finalized_at)
    quiet = replace(setting, silent_before=silence_ends)
    assert project_invoice(session, alone, quiet) == []

    assert kinds(session) == [MailKind.payment_failed] * mails


@pytest.mark.usefixtures("member")
def test_what_was_told_as_failed_is_thanked_for_once_it_is_paid(session: Session, setting: Context) -> None:
    see_payment(session, setting, renewal())
    paid = {"status": "succeeded", "paid_at": TRIED + DAY}
    for _ in range(2):
        see_payment(session, setting, renewal(status="paid", attempt_count=3), **paid)

    thanks = letters(session)[-1]
    assert kinds(session) == [MailKind.payment_failed, MailKind.payment_recovered]
    assert (thanks["key"], thanks["about"], thanks["matter"]) == ("renewal-in_2-paid", "in_2", {"tries": 3})


@pytest.mark.usefixtures("member")
def test_what_nobody_was_told_of_needs_no_thanks(session: Session, setting: Context) -> None:
    see_payment(session, setting, renewal(status="paid"), status="succeeded", paid_at=TRIED)

    assert letters(session) == []


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(("silence_ends", "kinds_told"), [(TRIED + 2 * DAY, 1), (TRIED + DAY, 2)])
def test_a_recovery_before_a_sweeps_silence_is_thanked_for_by_nobody(
    session: Session, setting: Context, silence_ends: datetime, kinds_told: int
) -> None:
    see_payment(session, setting, renewal())
    quiet = replace(setting, silent_before=silence_ends)
    see_payment(session, quiet, renewal(status="paid"), status="succeeded", paid_at=TRIED + DAY)

    assert len(kinds(session)) == kinds_told
