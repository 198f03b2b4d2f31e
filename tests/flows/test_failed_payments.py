"""A renewal fails: each of Stripe's tries is told of once, kindly, and never after success."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.billing.models import Invoice, Payment, Subscription
from app.billing.statuses import InvoiceStatus, PaymentStatus, SubscriptionStatus
from app.db import transaction
from app.flows.sync import sync_if_wanted
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.ledger.models import Entry
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from tests.support.cast import ADA, BEN
from tests.support.letters import link_in, links_in, said_in, subjects
from tests.support.mail import MailCatcher
from tests.support.world import World

FAILS, CONFIRMS, PAYS = "tok_chargeCustomerFail", "tok_authenticationRequired", "tok_visa"
TRIES = (
    MailKind.payment_failed,
    MailKind.payment_reminder,
    MailKind.payment_reminder,
    MailKind.payment_last_notice,
)
OURS = (*set(TRIES), MailKind.payment_needs_action, MailKind.payment_recovered)


def letters(world: World) -> list[QueuedMail]:
    """Return the mails about renewals that failed, in the order they were queued."""
    return world.rows(QueuedMail, QueuedMail.kind.in_(OURS))


def kinds(world: World) -> list[MailKind]:
    return [mail.kind for mail in letters(world)]


def fail_first_renewal(world: World, token: str = FAILS, *, language: str = "en") -> None:
    """Ada's first payment is made; her card then fails at the first renewal. Her receipt is sent."""
    session_id = world.open_session(world.form(ADA, language=language))
    world.pay(session_id, ADA)
    world.settle()
    world.send_mail()
    world.change_card(world.subscription_id(), token)
    world.advance(days=31.2)
    world.settle()


def send_last(world: World, mails: MailCatcher) -> None:
    """Send what is due, and keep only that."""
    mails.clear()
    world.send_mail()


def test_each_of_stripes_tries_is_told_of_once(world: World) -> None:
    fail_first_renewal(world)
    for days in (3, 5, 7):
        world.advance(days=days)
        world.settle()

    assert kinds(world) == list(TRIES)
    assert world.one(Subscription).status is SubscriptionStatus.canceled
    world.deliver([*world.delivered])
    world.come_through()
    assert kinds(world) == list(TRIES)
    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == 1


def test_each_try_has_a_mail_with_the_next_day_and_the_last_says_that_it_is_over(
    world: World, mails: MailCatcher
) -> None:
    fail_first_renewal(world)
    world.send_mail()
    for days in (3, 5, 7):
        world.advance(days=days)
        world.settle()
        world.send_mail()

    about = subjects(mails)[1:]
    assert about == [
        "Your payment to The Harbour Courier did not go through",
        "Your payment to The Harbour Courier failed again",
        "Your payment to The Harbour Courier failed again",
        "Your support for The Harbour Courier has ended",
    ]
    for mail in mails.messages[1:4]:
        assert "Next try:" in said_in(mail)
        assert link_in(mail, "/manage/mend/") in said_in(mail, "html")
        assert len(links_in(mail, "/manage/end/")) == 1
    first, second, last = (said_in(mail) for mail in mails.messages[1:4])
    assert "If you do nothing, we try again by ourselves on" in first
    assert "If you do nothing, we try again by ourselves on" in second
    assert "If you do nothing, we try one last time by ourselves on" in last
    assert "/support?interval=month&currency=eur&amount=2" in link_in(mails.messages[4], "/support")
    assert all(mail.sent_at for mail in letters(world))


def test_a_renewal_that_fails_and_is_then_paid_is_thanked_for_once(world: World, mails: MailCatcher) -> None:
    """Edge 7: recorded once, with its receipt, and the "card failed" state clears."""
    fail_first_renewal(world)
    world.send_mail()
    world.change_card(world.subscription_id(), PAYS)
    world.advance(days=3.1)
    world.settle()
    send_last(world, mails)

    assert kinds(world) == [MailKind.payment_failed, MailKind.payment_recovered]
    assert sorted(subjects(mails)) == [
        f"Thank you for supporting The Harbour Courier: receipt {world.rows(Receipt)[1].number}",
        "Thank you: your payment to The Harbour Courier has arrived",
    ]
    assert world.one(Subscription).status is SubscriptionStatus.active
    assert {row.status for row in world.rows(Invoice)} == {InvoiceStatus.paid}
    assert {(row.failure_code, row.decline_code) for row in world.rows(Payment)} == {(None, None)}
    assert len(world.rows(Entry)) == len(world.rows(Receipt)) == 2
    world.deliver([*world.delivered])
    world.come_through()
    assert len(letters(world)) == 2


def test_no_reminder_is_sent_after_success(world: World, mails: MailCatcher) -> None:
    fail_first_renewal(world)
    world.change_card(world.subscription_id(), PAYS)
    world.advance(days=3.1)
    world.settle()
    send_last(world, mails)

    failed, recovered = letters(world)
    assert (failed.sent_at, failed.last_error) == (None, "the invoice is paid by now")
    assert (recovered.sent_at, recovered.last_error) == (None, "nobody was told that it had failed")
    assert [subject for subject in subjects(mails) if "receipt" not in subject] == []


def test_success_is_seen_by_the_payment_alone_as_well(world: World, mails: MailCatcher) -> None:
    fail_first_renewal(world)
    with transaction(world.parts.sessions) as session:
        open_ones = sa.select(Invoice.stripe_invoice_id).where(Invoice.status == InvoiceStatus.open)
        paid = sa.update(Payment).where(Payment.stripe_invoice_id.in_(open_ones))
        session.execute(paid.values(status=PaymentStatus.succeeded))
    send_last(world, mails)

    assert letters(world)[0].last_error == "the payment is succeeded by now"
    assert mails.messages == []


def test_after_days_without_a_mail_server_only_the_newest_try_is_told(
    world: World, mails: MailCatcher
) -> None:
    fail_first_renewal(world)
    world.advance(days=3.1)
    world.settle()
    send_last(world, mails)

    first, second = letters(world)
    assert (first.sent_at, first.last_error) == (None, "a later try has a letter of its own")
    assert second.sent_at
    assert subjects(mails) == ["Your payment to The Harbour Courier failed again"]


def test_who_ended_it_meanwhile_is_not_reminded(world: World, mails: MailCatcher) -> None:
    fail_first_renewal(world)
    world.v1.subscriptions.cancel(world.subscription_id())
    world.settle()
    send_last(world, mails)

    assert letters(world)[0].last_error == "the support has ended otherwise"
    assert not [one for one in subjects(mails) if "did not go through" in one]


def test_a_renewal_the_bank_wants_confirmed_has_a_mail_and_a_link_of_its_own(
    world: World, mails: MailCatcher
) -> None:
    """Edge 10: a renewal needs 3-D Secure."""
    fail_first_renewal(world, CONFIRMS)
    send_last(world, mails)

    (mail,) = mails.messages
    assert kinds(world) == [MailKind.payment_needs_action]
    assert mail["Subject"] == "Please confirm your payment to The Harbour Courier"
    assert "wants you to confirm the payment" in said_in(mail)
    assert link_in(mail, "/manage/confirm/") in said_in(mail, "html")


@pytest.mark.parametrize(
    ("code", "language", "said"),
    [
        ("insufficient_funds", "en", "there was not enough money on the account"),
        ("insufficient_funds", "ru", "на счёте не хватило денег"),
        ("lost_card", "en", "Your bank declined the payment and did not say why"),
        ("fraudulent", "ru", "Ваш банк отклонил платёж и не сказал почему"),
        ("never_heard_of", "en", "The payment was declined. We were not told why"),
    ],
)
def test_the_reason_is_said_in_the_members_words_and_never_in_stripes(
    world: World, mails: MailCatcher, code: str, language: str, said: str
) -> None:
    fail_first_renewal(world, language=language)
    with transaction(world.parts.sessions) as session:
        session.execute(sa.update(Payment).where(Payment.decline_code.is_not(None)).values(decline_code=code))
    send_last(world, mails)

    (mail,) = mails.messages
    for kind in ("plain", "html"):
        assert said in said_in(mail, kind)
        assert code not in said_in(mail, kind)
        assert "stolen" not in said_in(mail, kind)
    assert mail["Content-Language"] == language


def test_a_sweep_that_finds_an_old_failure_mails_nobody(world: World) -> None:
    world.give(ADA)
    world.change_card(world.subscription_id(), FAILS)
    world.advance(days=31.2)
    for invoice in world.stripe.objects("invoice"):
        with transaction(world.parts.sessions) as session:
            later = utc_now() + timedelta(days=400)
            want(session, (ObjectType.invoice, invoice["id"]), now=utc_now(), silent_before=later)
        sync_if_wanted(world.parts, (ObjectType.invoice, invoice["id"]))
    world.work()

    assert len(world.rows(Invoice, Invoice.status == InvoiceStatus.open)) == 1
    assert letters(world) == []


def test_whichever_object_is_seen_first_the_try_is_told_of_once(world: World) -> None:
    world.give(ADA)
    world.change_card(world.subscription_id(), FAILS)
    world.advance(days=31.2)
    world.collect()
    events, world.undelivered = world.undelivered, []
    order = {"invoice": 0, "payment_intent": 1}

    for event in sorted(events, key=lambda one: order.get(one["data"]["object"]["object"], 2)):
        world.deliver_event(event)
        world.work()

    assert kinds(world) == [MailKind.payment_failed]


def test_a_payment_event_that_was_lost_is_made_up_for_by_the_invoices(world: World) -> None:
    world.give(ADA)
    world.change_card(world.subscription_id(), FAILS)
    world.advance(days=31.2)
    world.collect()
    events, world.undelivered = world.undelivered, []

    world.deliver([one for one in events if one["data"]["object"]["object"] == "invoice"])
    world.come_through()

    assert kinds(world) == [MailKind.payment_failed]
    assert len(world.rows(Payment, Payment.decline_code.is_not(None))) == 1


def test_a_mail_about_a_refunded_recovery_is_not_sent(world: World, mails: MailCatcher) -> None:
    """Members are not thanked for money that went back."""
    fail_first_renewal(world)
    world.send_mail()
    world.change_card(world.subscription_id(), PAYS)
    world.advance(days=3.1)
    world.settle()
    intent = max(world.rows(Payment), key=lambda row: row.created_at).stripe_payment_intent_id
    world.v1.refunds.create({"payment_intent": intent})
    world.settle()
    send_last(world, mails)

    assert letters(world)[1].last_error == "the money went back"
    assert "All is well again" not in " ".join(said_in(mail) for mail in mails.messages)


def test_each_member_is_told_of_their_own_renewal(world: World, mails: MailCatcher) -> None:
    world.give(BEN)
    fail_first = world.one(Subscription).stripe_subscription_id
    world.give(ADA)
    world.change_card(fail_first, FAILS)
    world.advance(days=31.2)
    world.settle()
    send_last(world, mails)

    assert [mail["To"] for mail in mails.messages if "did not go through" in mail["Subject"]] == [BEN.address]


def test_where_stripe_lets_support_stand_unpaid_the_last_notice_still_mends_it(
    world: World, mails: MailCatcher
) -> None:
    world.stripe.settings(after_last_retry="unpaid")
    fail_first_renewal(world)
    for days in (3, 5, 7):
        world.advance(days=days)
        world.settle()
    send_last(world, mails)

    assert kinds(world)[-1] is MailKind.payment_last_notice
    assert world.one(Subscription).status is SubscriptionStatus.unpaid
    (mail,) = (one for one in mails.messages if "failed for the last time" in one["Subject"])
    assert "we will not try again, and your support stops here" in said_in(mail)
    assert link_in(mail, "/manage/mend/")


def test_a_renewal_that_stripe_writes_off_after_its_last_try_has_its_last_notice(
    world: World, mails: MailCatcher
) -> None:
    world.stripe.settings(after_last_retry="unpaid")
    fail_first_renewal(world)
    world.advance(days=3.1)
    world.settle()
    world.advance(days=12.1)
    (unpaid,) = [one for one in world.stripe.objects("invoice") if one["status"] == "open"]
    world.v1.invoices.mark_uncollectible(unpaid["id"])
    world.settle()
    send_last(world, mails)

    assert letters(world)[-1].kind is MailKind.payment_last_notice
    assert letters(world)[-1].sent_at
