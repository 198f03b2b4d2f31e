"""A database restored from a backup is silent until it has caught up with Stripe, and loses no number."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from app.asks.models import AskKind
from app.billing.models import Payment, Subscription
from app.db import transaction
from app.flows import muting
from app.flows.asking.ask import AskOutcome, carry_out
from app.flows.gifts.send import send_gifts, tell_endings
from app.flows.give import CheckoutReady
from app.flows.keep_numbers import keep_some
from app.flows.reconcile import sweep
from app.flows.reconcile.command import Outcome, reconcile
from app.flows.remind import ask_reminder, confirm_reminder, remind, reminder_link
from app.flows.thanks import Outcome as Shown
from app.flows.thanks import look_at_checkout
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.outbox.models import QueuedMail
from app.receipts.models import CreditNote, Receipt, ReceiptCounter
from app.reconciliation.deployment import NotSwept
from app.reconciliation.models import Deployment, SweepKind
from app.reminders.models import Reminder
from app.reminders.waiting import Wish
from app.stripe_gateway.errors import StripeMuted
from app.vault.vault import PersonInClear
from tests.support.asking import place
from tests.support.backup import Backup
from tests.support.cast import ADA, BEN, reader
from tests.support.gifts import NETWORK, claim, give_gift
from tests.support.mail import MailCatcher
from tests.support.world import World

DAN = "dan@example.org"
VERA = PersonInClear(address="vera@example.org", name=None)
WISH = Wish(amount=None, currency="eur", interval=Interval.month, campaign=None, language="en")


@pytest.fixture
def backup(world: World) -> Backup:
    return Backup(world.parts.sessions.kw["bind"])


def catch_up(world: World) -> Outcome:
    return reconcile(world.parts, full=True, since_days=30, say=lambda _line: None)


def numbers(world: World) -> dict[str, str]:
    paid = {row.id: row.stripe_payment_intent_id for row in world.rows(Payment)}
    return {paid[receipt.payment_id]: receipt.number for receipt in world.rows(Receipt)}


def test_a_worker_counts_up_here_and_at_stripe(world: World) -> None:
    assert not muting.check_epoch(world.parts)
    assert not muting.check_epoch(world.parts)

    standing = muting.look(world.parts)

    assert (standing.epoch, standing.epoch_at_stripe, standing.muted_at) == (2, 2, None)


def test_a_database_that_is_behind_stripes_count_mutes_itself(world: World, backup: Backup) -> None:
    muting.check_epoch(world.parts)
    backup.make()
    muting.check_epoch(world.parts)
    backup.restore()

    assert muting.check_epoch(world.parts)

    assert world.one(Deployment).muted_at is not None
    assert muting.look(world.parts).epoch_at_stripe == 2


def test_a_muted_product_writes_nothing_to_stripe_and_reads_on(world: World) -> None:
    world.give(ADA)
    muting.mute(world.parts)

    assert not isinstance(world.send(world.form(BEN)), CheckoutReady)
    with pytest.raises(StripeMuted):
        world.parts.gateway.keepsakes.raise_epoch(9)
    assert world.parts.gateway.fetch_subscription(world.subscription_id()).status == "active"
    assert len(world.stripe.objects("checkout.session")) == 1


def test_it_stays_muted_until_a_full_sweep_has_mended_everything(world: World) -> None:
    muting.mute(world.parts)

    with pytest.raises(NotSwept):
        muting.unmute(world.parts)

    assert catch_up(world).all_equal
    assert muting.unmute(world.parts) == 0
    assert isinstance(world.send(world.form(ADA)), CheckoutReady)


def test_a_sweep_from_before_the_restore_does_not_count(world: World, backup: Backup) -> None:
    muting.mute(world.parts)
    catch_up(world)
    muting.unmute(world.parts)
    backup.make()
    muting.check_epoch(world.parts)
    backup.restore()
    muting.check_epoch(world.parts)

    with pytest.raises(NotSwept):
        muting.unmute(world.parts)


def test_lost_receipts_get_their_old_numbers_back_and_are_mailed_to_nobody(
    world: World, backup: Backup
) -> None:
    world.give(ADA)
    muting.check_epoch(world.parts)
    backup.make()
    for number in range(8):
        world.give(reader(number), interval=Interval.once)
    before = numbers(world)
    assert world.send_mail() == 9
    muting.check_epoch(world.parts)
    backup.restore()
    muting.check_epoch(world.parts)

    outcome = catch_up(world)

    assert outcome.all_equal
    assert numbers(world) == before
    assert world.one(ReceiptCounter).last_serial == 9
    assert len(world.rows(QueuedMail)) == 1
    assert muting.unmute(world.parts) == 1
    assert world.send_mail() == 0


def test_who_was_written_to_on_their_day_after_the_backup_is_not_written_to_again(
    world: World, backup: Backup, mails: MailCatcher
) -> None:
    day = (utc_now() + timedelta(days=20)).date()
    give_gift(world, ADA, recipient=BEN.address, send_on=day)
    ask_reminder(world.parts, DAN, WISH, network=NETWORK, now=utc_now())
    confirm_reminder(world.parts, reminder_token(world), now=utc_now())
    claimed = claim(world, mails, give_gift(world, ADA, months=3), VERA)
    muting.check_epoch(world.parts)
    backup.make()
    mails.clear()
    with time_machine.travel(claimed.until - timedelta(days=2), tick=True):
        told_on_their_day(world)
        assert sorted(mail["To"] for mail in mails.messages) == [BEN.address, DAN, VERA.address]
        muting.check_epoch(world.parts)
        backup.restore()
        muting.check_epoch(world.parts)
        catch_up(world)
        muting.unmute(world.parts)

        told_on_their_day(world)

    assert len(mails.messages) == 3
    assert all(mail.sent_at or mail.dropped_at for mail in world.rows(QueuedMail))


def told_on_their_day(world: World) -> None:
    send_gifts(world.parts, now=utc_now())
    tell_endings(world.parts, now=utc_now())
    remind(world.parts, now=utc_now())
    world.send_mail()


def reminder_token(world: World) -> str:
    return reminder_link(world.parts, world.one(Reminder).id).rpartition("/")[2]


def test_a_number_that_stripe_never_kept_goes_to_the_payment_that_lost_it(
    world: World, backup: Backup
) -> None:
    backup.make()
    for number in range(3):
        world.give(reader(number), interval=Interval.once)
    before = numbers(world)
    first, _, third = world.rows(Payment)
    for kept in (first, third):
        world.parts.gateway.keepsakes.keep_receipt_number(
            kept.stripe_payment_intent_id, before[kept.stripe_payment_intent_id]
        )
    backup.restore()
    world.stripe.advance(seconds=60)
    world.pay(world.open_session(world.form(reader(9), interval=Interval.once)), reader(9))
    muting.mute(world.parts)

    catch_up(world)

    assert {intent: number for intent, number in numbers(world).items() if intent in before} == before
    assert sorted(numbers(world).values()) == sorted([*before.values(), "HC-2026-000004"])


def test_a_reader_who_comes_back_to_a_restored_product_takes_no_number_of_anothers(
    world: World, backup: Backup
) -> None:
    session_id = world.open_session(world.form(ADA, interval=Interval.once))
    backup.make()
    world.give(BEN, interval=Interval.once)
    keep_some(world.parts, limit=10)
    before = numbers(world)
    world.pay(session_id, ADA)
    backup.restore()
    muting.mute(world.parts)

    picture = look_at_checkout(world.parts, session_id)

    assert picture is not None
    assert picture.outcome is Shown.processing
    assert not world.rows(Receipt)
    catch_up(world)
    assert before.items() <= numbers(world).items()
    assert len(world.rows(Receipt)) == 2


def test_a_sweep_half_done_in_the_backup_is_begun_anew(world: World, backup: Backup) -> None:
    world.give(ADA)
    half_done = sweep.begin(world.parts, SweepKind.full)
    while sweep.describe(half_done) != "balance transactions":
        half_done = sweep.go_on(world.parts, half_done)
    backup.make()
    world.stripe.faults("lose_event", route="*", count=99)
    world.v1.subscriptions.cancel(world.subscription_id())
    backup.restore()
    muting.mute(world.parts)

    catch_up(world)

    assert world.one(Subscription).ended_at is not None


def test_a_number_that_stripe_refuses_holds_up_no_other(world: World) -> None:
    world.give(reader(1), interval=Interval.once)
    world.give(reader(2), interval=Interval.once)
    first, second = world.rows(Payment)
    with transaction(world.parts.sessions) as session:
        unknown = sa.update(Payment).values(stripe_payment_intent_id="pi_unknown")
        session.execute(unknown.where(Payment.id == first.id))

    assert keep_some(world.parts, limit=10) == 1

    assert world.one(Payment, Payment.id == second.id).kept_receipt_number


def test_an_ask_that_a_newer_one_followed_before_the_restore_is_not_carried_out(
    world: World, backup: Backup
) -> None:
    world.give(ADA)
    subscription_id = world.subscription_id()
    ending = place(world, AskKind.cancel_later, subscription_id).id
    backup.make()
    carry_out(world.parts, ending)
    carry_out(world.parts, place(world, AskKind.take_back, subscription_id).id)
    backup.restore()

    asked = carry_out(world.parts, ending)

    assert (asked.outcome, asked.code) == (AskOutcome.refused, "done_since")
    assert world.parts.gateway.fetch_subscription(subscription_id).cancel_at is None


@pytest.mark.parametrize(
    ("older", "newer"), [(AskKind.cancel_later, AskKind.take_back), (AskKind.cancel, AskKind.take_back)]
)
def test_a_newer_ask_that_left_nothing_to_do_still_holds_after_the_restore(
    world: World, backup: Backup, older: AskKind, newer: AskKind
) -> None:
    world.give(ADA)
    subscription_id = world.subscription_id()
    open_ask = place(world, older, subscription_id).id
    backup.make()
    assert carry_out(world.parts, place(world, newer, subscription_id).id).outcome is AskOutcome.done
    backup.restore()

    asked = carry_out(world.parts, open_ask)

    assert (asked.outcome, asked.code) == (AskOutcome.refused, "done_since")
    standing = world.parts.gateway.orders.fetch_standing(subscription_id)
    assert (standing.status, standing.cancel_at) == ("active", None)


def test_what_somebody_typed_into_stripes_metadata_is_no_newer_ask(world: World) -> None:
    world.give(ADA)
    subscription_id = world.subscription_id()
    world.v1.subscriptions.update(subscription_id, {"metadata": {"ask_end": "zzz by hand"}})

    asked = carry_out(world.parts, place(world, AskKind.cancel_later, subscription_id).id)

    assert asked.outcome is AskOutcome.done


def test_credit_notes_get_their_old_numbers_back(world: World, backup: Backup) -> None:
    for number in range(2):
        world.give(reader(number), interval=Interval.once)
    backup.make()
    for payment in reversed(world.rows(Payment)):
        world.v1.refunds.create({"payment_intent": payment.stripe_payment_intent_id})
        world.settle()
    before = {note.stripe_refund_id: note.number for note in world.rows(CreditNote)}
    assert keep_some(world.parts, limit=10) == 4
    backup.restore()
    muting.mute(world.parts)

    catch_up(world)

    assert {note.stripe_refund_id: note.number for note in world.rows(CreditNote)} == before


def test_a_strangers_number_in_stripes_metadata_is_not_taken(world: World) -> None:
    session_id = world.open_session(world.form(ADA, interval=Interval.once))
    world.pay(session_id, ADA)
    (intent,) = world.stripe.objects("payment_intent")
    world.v1.payment_intents.update(intent["id"], {"metadata": {"receipt": "HC-1999-000777"}})

    world.settle()

    assert world.one(Receipt).serial == 1


def test_a_letter_waits_until_stripe_keeps_its_number(world: World) -> None:
    world.give(ADA)
    world.stripe.faults("fail_before", method="POST", route="/v1/payment_intents/*", count=9)

    assert world.send_mail() == 1
    assert world.one(QueuedMail).sent_at is None

    world.stripe.clear_faults()
    world.wait_and(world.send_mail, hours=1)
    assert world.one(QueuedMail).sent_at is not None
    assert world.stripe.objects("payment_intent")[0]["metadata"]["receipt"] == world.one(Receipt).number


def test_an_error_that_stripe_would_repeat_for_a_day_holds_up_no_letter_for_a_day(world: World) -> None:
    world.give(ADA)
    world.stripe.faults("fail_after", method="POST", route="/v1/payment_intents/*", count=2)
    world.send_mail()
    assert world.one(QueuedMail).sent_at is None

    world.wait_and(world.send_mail, hours=1)

    assert world.one(QueuedMail).sent_at is not None


def test_a_letter_goes_out_where_stripe_will_never_keep_its_number(world: World) -> None:
    world.give(ADA)
    with transaction(world.parts.sessions) as session:
        session.execute(sa.update(Payment).values(stripe_payment_intent_id="pi_unknown"))

    assert world.send_mail() == 1

    assert world.one(QueuedMail).sent_at is not None
